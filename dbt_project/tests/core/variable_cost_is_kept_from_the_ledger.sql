{{ config(meta={'asks': 'whole'}) }}

-- What varies with volume is what the accounts' shares say of the cost of patient-care
-- centers; an overhead center's cost is fixed for those that it serves.
with ledger as (
    select
        pool.facility_code,
        pool.service_month,
        pool.variable_cents / 100.0 as amount
    from {{ ref('int_cost_pool__assembled') }} as pool
),

encounter_cost as (
    select
        facility_code,
        service_month,
        variable_cost as amount
    from {{ ref('fct_encounter_cost') }}
    where cost_method <> 'actual'
)

{{ differing_months('ledger', 'encounter_cost') }}
