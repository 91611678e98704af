{{ config(meta={'asks': 'whole'}) }}

with usage as (
    select
        facility_code,
        service_month,
        supply_cost as amount
    from {{ ref('fct_supply_usage') }}
),

encounter_cost as (
    select
        facility_code,
        service_month,
        cost_amount as amount
    from {{ ref('fct_encounter_cost') }}
    where cost_method = 'actual'
)

{{ differing_months('usage', 'encounter_cost') }}
