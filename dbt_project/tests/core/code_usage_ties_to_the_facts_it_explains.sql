-- What codes are said to move is what the facts count under the meaning. A fact that
-- names no code at all is unmapped, too.
with side as (
    select
        code_set,
        canonical_code,
        usage_amount as amount
    from {{ ref('int_code_usage__charged') }}
    union all
    select
        code_set,
        canonical_code,
        usage_amount as amount
    from {{ ref('int_code_usage__supplied') }}
    where code_set = 'item'
    union all
    select
        code_set || ' bought' as code_set,
        canonical_code,
        usage_amount as amount
    from {{ ref('int_code_usage__booked') }}
    where record_kind = 'purchase'
    union all
    select
        'payer' as code_set,
        payer_code as canonical_code,
        -charge_amount as amount
    from {{ ref('fct_charge') }}
    where is_billed
    union all
    select
        'facility' as code_set,
        facility_code as canonical_code,
        -charge_amount as amount
    from {{ ref('fct_charge') }}
    where is_billed
    union all
    select
        'department' as code_set,
        department_code as canonical_code,
        -charge_amount as amount
    from {{ ref('fct_charge') }}
    where is_billed
    union all
    select
        'item' as code_set,
        item_code as canonical_code,
        -supply_cost as amount
    from {{ ref('fct_supply_usage') }}
    union all
    select
        'item bought' as code_set,
        item_code as canonical_code,
        -ordered_amount as amount
    from {{ ref('fct_purchase_order_line') }}
    union all
    select
        'supplier bought' as code_set,
        supplier_code as canonical_code,
        -ordered_amount as amount
    from {{ ref('fct_purchase_order_line') }}
)

select
    code_set,
    canonical_code,
    sum(amount) as difference_amount
from side
where canonical_code <> 'unmapped'
group by code_set, canonical_code
having sum(amount) <> 0
