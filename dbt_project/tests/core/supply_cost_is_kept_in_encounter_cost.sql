with usage as (
    select
        facility_code,
        service_month,
        sum(supply_cost) as amount
    from {{ ref('fct_supply_usage') }}
    group by facility_code, service_month
),

encounter_cost as (
    select
        facility_code,
        service_month,
        sum(cost_amount) as amount
    from {{ ref('fct_encounter_cost') }}
    where cost_component in ('supply', 'implant', 'drug')
    group by facility_code, service_month
)

select
    coalesce(usage.facility_code, encounter_cost.facility_code) as facility_code,
    coalesce(usage.service_month, encounter_cost.service_month) as service_month,
    usage.amount as usage_amount,
    encounter_cost.amount as encounter_cost_amount
from usage
full outer join encounter_cost
    on
        usage.facility_code = encounter_cost.facility_code
        and usage.service_month = encounter_cost.service_month
where coalesce(usage.amount, 0) <> coalesce(encounter_cost.amount, 0)
