{{ config(meta={'asks': 'whole'}) }}

-- What cases used is in their variances, to the cent: nothing lost, nothing twice.
select
    surgical_case_id,
    sum(supply_cost) as supply_cost
from (
    select
        surgical_case_id,
        supply_cost
    from {{ ref('fct_surgical_case_usage') }}
    union all
    select
        surgical_case_id,
        -(
            standard_amount + usage_variance_amount + price_variance_amount
            + substitution_variance_amount + unmeasured_amount + unused_amount
        ) as supply_cost
    from {{ ref('preference_card_variance') }}
) as told
group by surgical_case_id
having sum(supply_cost) <> 0
