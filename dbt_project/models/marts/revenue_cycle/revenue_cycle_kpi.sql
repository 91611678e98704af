-- Every metric is a numerator over a denominator of one facility and month; those of
-- all facilities (*) are summed. A percentile is a number of its own.
with measure as (
    {{ metric_rows(ref('claim_cohort'), 'submitted_month', {
        'initial_denial_rate_claims': ('denied_claim_count', 'claim_count'),
        'initial_denial_rate_dollars':
            ('initial_denial_amount', 'initial_charge_amount'),
        'initial_denial_rate_full': ('fully_denied_claim_count', 'claim_count'),
        'initial_denial_rate_partial':
            ('denied_claim_count - fully_denied_claim_count', 'claim_count'),
        'final_denial_rate': ('written_off_amount', 'net_revenue_amount'),
        'overturn_rate':
            ('overturned_amount', 'overturned_amount + written_off_amount'),
        'clean_claim_rate': ('clean_claim_count', 'accepted_claim_count'),
        'net_collection_rate':
            ('paid_amount', 'gross_charge_amount - contractual_amount'),
        'payer_yield': ('net_revenue_amount', 'gross_charge_amount'),
    }, sent_on='first_submitted_date') | indent }}
    union all
    {{ metric_rows(ref('hospital_volume'), 'service_month', {
        'outpatient_factor': ('gross_charge_amount', 'inpatient_gross_amount'),
        'adjusted_discharges': ('adjusted_discharge_count', 'null'),
        'adjusted_patient_days': ('adjusted_patient_days_count', 'null'),
        'cmi': ('drg_weight_total', 'discharge_count'),
        'cmi_adjusted_discharges': ('adjusted_drg_weight_total', 'null'),
    }) | indent }}
    union all
    {{ metric_rows(ref('receivable'), 'balance_month', {
        'net_days_in_ar':
            ('receivable_amount', 'trailing_net_revenue_amount / trailing_days_count'),
        'dnfb_days':
            ('discharged_unbilled_amount', 'trailing_gross_amount / trailing_days_count'),
    }) | indent }}
    where trailing_net_revenue_amount is not null
    union all
    {{ metric_rows(ref('charge_timeliness'), 'service_month', {
        'charge_lag_median': ('median_lag_days_count', 'posted_charge_count'),
        'charge_lag_p90': ('p90_lag_days_count', 'posted_charge_count'),
        'charge_lag_dollar_weighted':
            ('lag_dollar_days_amount', 'posted_charge_amount'),
        'late_charge_share': ('late_charge_amount', 'gross_charge_amount'),
    }) | indent }}
),

mature as (
    select
        measure.*,
        metric.value_kind = 'percentile' as is_percentile
    from measure
    inner join {{ ref('dim_metric') }} as metric
        on
            measure.metric_code = metric.metric_code
            and coalesce(
                measure.first_submitted_date <= metric.mature_until_date, true
            )
),

total as (
    select
        kpi_month,
        coalesce(facility_code, '*') as facility_code,
        metric_code,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from mature
    where not is_percentile and facility_code <> '*'
    group by
        grouping sets (
            (kpi_month, facility_code, metric_code), (kpi_month, metric_code)
        )
    union all
    select
        kpi_month,
        facility_code,
        metric_code,
        numerator,
        denominator
    from mature
    where is_percentile
)

select
    total.kpi_month,
    total.facility_code,
    total.metric_code,
    metric.metric_name,
    total.numerator::numeric(18, 4) as numerator,
    total.denominator::numeric(18, 4) as denominator,
    case
        when metric.value_kind <> 'ratio' then total.numerator
        when total.denominator > 0
            then round(total.numerator / total.denominator, 6)
    end::numeric(18, 6) as metric_value,
    metric.unit,
    metric.definition,
    metric.definition_source,
    metric.maturity_days_count,
    metric.as_of_date
from total
inner join {{ ref('dim_metric') }} as metric on total.metric_code = metric.metric_code
