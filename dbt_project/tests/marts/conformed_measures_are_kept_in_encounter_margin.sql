{{ config(meta={'asks': 'whole'}) }}

with conformed as (
    select
        (
            select coalesce(sum(charge_amount), 0)
            from {{ ref('fct_charge') }}
            where encounter_id is not null
        ) as gross_amount,
        (
            select coalesce(sum(unanswered_amount - accrued_amount), 0)
            from {{ ref('fct_expected_revenue') }}
            where encounter_id is not null
        ) as conceded_amount,
        (
            select coalesce(sum(paid_amount), 0)
            from {{ ref('fct_payment') }}
            where encounter_id is not null
        ) as paid_amount,
        (
            select coalesce(sum(cost_amount), 0)
            from {{ ref('fct_encounter_cost') }}
            where encounter_id not in ('unmapped', 'unallocated')
        ) as cost_amount
),

mart as (
    select
        coalesce(sum(gross_charge_amount), 0) as gross_amount,
        coalesce(sum(estimated_concession_amount), 0) as conceded_amount,
        coalesce(sum(paid_amount), 0) as paid_amount,
        coalesce(sum(net_revenue_amount - operating_margin_amount), 0) as cost_amount
    from {{ ref('encounter_margin') }}
)

select
    conformed.gross_amount,
    mart.gross_amount as mart_gross_amount,
    conformed.conceded_amount,
    mart.conceded_amount as mart_conceded_amount,
    conformed.paid_amount,
    mart.paid_amount as mart_paid_amount,
    conformed.cost_amount,
    mart.cost_amount as mart_cost_amount
from conformed
cross join mart
where
    conformed.gross_amount <> mart.gross_amount
    or conformed.conceded_amount <> mart.conceded_amount
    or conformed.paid_amount <> mart.paid_amount
    or conformed.cost_amount <> mart.cost_amount
