{{ config(meta={'asks': 'whole'}) }}

with compared as (
    select
        (
            select coalesce(sum(supply_cost), 0) from {{ ref('fct_supply_usage') }}
        ) as usage_cost,
        (
            select coalesce(sum(supply_cost), 0) from {{ ref('supply_utilization') }}
        ) as mart_cost,
        (
            select coalesce(sum(quantity), 0) from {{ ref('fct_supply_usage') }}
        ) as usage_quantity,
        (
            select coalesce(sum(used_quantity), 0) from {{ ref('supply_utilization') }}
        ) as mart_quantity
)

select *
from compared
where usage_cost <> mart_cost or usage_quantity <> mart_quantity
