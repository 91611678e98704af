{{ config(meta={'asks': 'whole'}) }}

with unallocated as (
    select
        facility_code,
        service_month,
        cost_amount as amount
    from {{ ref('fct_encounter_cost') }}
    where cost_method = 'unallocated'
),

named as (
    select
        facility_code,
        service_month,
        cost_amount as amount
    from {{ ref('fct_cost_exception') }}
    where cost_method = 'unallocated'
)

{{ differing_months('unallocated', 'named') }}
