-- Net revenue less cash is what payers and patients still owe; it is told at the end of
-- every whole month, with what is known on the as-of date.
with ended as (
    select
        charge.facility_code,
        charge.charge_amount,
        outcome.final_billed_date,
        greatest(charge.service_date, encounter.end_date) as ended_date
    from {{ ref('fct_charge') }} as charge
    inner join {{ ref('fct_encounter') }} as encounter
        on charge.encounter_id = encounter.encounter_id and encounter.is_complete
    left join {{ ref('claim_outcome') }} as outcome
        on charge.claim_id = outcome.claim_id
),

moved as (
    select
        facility_code,
        service_month as balance_month,
        gross_charge_amount as gross,
        net_revenue_amount as net_revenue,
        0.00 as paid,
        0.00 as unbilled
    from {{ ref('service_line_profitability') }}
    union all
    select
        facility_code,
        {{ month_of('payment_date') }} as balance_month,
        0.00 as gross,
        0.00 as net_revenue,
        paid_amount as paid,
        0.00 as unbilled
    from {{ ref('fct_payment') }}
    union all
    select
        facility_code,
        {{ month_of('ended_date') }} as balance_month,
        0.00 as gross,
        0.00 as net_revenue,
        0.00 as paid,
        charge_amount as unbilled
    from ended
    union all
    select
        facility_code,
        {{ month_of('greatest(ended_date, final_billed_date)') }} as balance_month,
        0.00 as gross,
        0.00 as net_revenue,
        0.00 as paid,
        -charge_amount as unbilled
    from ended
    where final_billed_date is not null
),

month_total as (
    select
        facility_code,
        balance_month,
        sum(gross) as gross,
        sum(net_revenue) as net_revenue,
        sum(paid) as paid,
        sum(unbilled) as unbilled
    from moved
    group by facility_code, balance_month
),

whole_month as (
    select
        known.facility_code,
        generate_series(
            min(known.balance_month),
            date_trunc('month', max(metric.as_of_date) + 1) - interval '1 month',
            interval '1 month'
        )::date as balance_month
    from month_total as known
    inner join {{ ref('dim_metric') }} as metric
        on metric.metric_code = 'net_days_in_ar'
    group by known.facility_code
)

select
    whole_month.balance_month,
    whole_month.facility_code,
    coalesce(month_total.gross, 0.00) as gross_charge_amount,
    coalesce(month_total.net_revenue, 0.00) as net_revenue_amount,
    coalesce(month_total.paid, 0.00) as paid_amount,
    sum(month_total.net_revenue - month_total.paid) over so_far as receivable_amount,
    sum(month_total.unbilled) over so_far as discharged_unbilled_amount,
    case when row_number() over so_far >= 3 then sum(month_total.gross) over quarter end
        as trailing_gross_amount,
    case
        when row_number() over so_far >= 3
            then sum(month_total.net_revenue) over quarter
    end as trailing_net_revenue_amount,
    {{ month_end('whole_month.balance_month') }}
    - (whole_month.balance_month - interval '2 months')::date
    + 1 as trailing_days_count
from whole_month
left join month_total
    on
        whole_month.facility_code = month_total.facility_code
        and whole_month.balance_month = month_total.balance_month
window
    so_far as (
        partition by whole_month.facility_code order by whole_month.balance_month
    ),
    quarter as (so_far rows between 2 preceding and current row)
