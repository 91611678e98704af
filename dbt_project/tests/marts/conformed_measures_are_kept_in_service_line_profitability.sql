{{ config(meta={'asks': 'whole'}) }}

with conformed as (
    select
        'gross charges' as measure_name,
        coalesce(sum(charge_amount), 0) as amount
    from {{ ref('fct_charge') }}
    union all
    select
        'unadjudicated gross' as measure_name,
        coalesce(sum(charge_amount), 0) as amount
    from {{ ref('fct_charge') }}
    where not is_adjudicated
    union all
    select
        'adjustments' as measure_name,
        coalesce(sum(adjustment_amount), 0) as amount
    from {{ ref('fct_remittance_adjustment') }}
    where adjustment_category <> 'prior_payer' and not is_passed_on
    union all
    select
        'payments' as measure_name,
        coalesce(sum(paid_amount), 0) as amount
    from {{ ref('fct_payment') }}
    union all
    select
        'cost' as measure_name,
        coalesce(sum(cost_amount), 0) as amount
    from {{ ref('fct_encounter_cost') }}
    union all
    select
        'encounters' as measure_name,
        count(*) as amount
    from {{ ref('fct_encounter') }}
    where is_counted
),

mart as (
    select
        coalesce(sum(gross_charge_amount), 0) as gross,
        coalesce(sum(unadjudicated_gross_amount), 0) as unadjudicated,
        coalesce(
            sum(
                contractual_amount + denial_amount + other_adjustment_amount
                + patient_share_amount
            ),
            0
        ) as adjusted,
        coalesce(sum(paid_amount), 0) as paid,
        coalesce(
            sum(
                labor_cost + supply_cost + implant_cost + drug_cost
                + other_direct_cost + overhead_cost
            ),
            0
        ) as cost,
        coalesce(sum(encounter_count), 0) as encounters
    from {{ ref('service_line_profitability') }}
)

select
    conformed.measure_name,
    conformed.amount as conformed_amount,
    shown.amount as mart_amount
from conformed
inner join mart on true
inner join lateral (
    values
    ('gross charges', mart.gross),
    ('unadjudicated gross', mart.unadjudicated),
    ('adjustments', mart.adjusted),
    ('payments', mart.paid),
    ('cost', mart.cost),
    ('encounters', mart.encounters)
) as shown (measure_name, amount) on conformed.measure_name = shown.measure_name
where conformed.amount <> shown.amount
