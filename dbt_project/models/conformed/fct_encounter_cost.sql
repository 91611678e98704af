{{ config(materialized='kept', replaces=of_costs()) }}

with charge_cost as (
    select
        charge.service_month,
        charge.facility_code,
        coalesce(charge.encounter_id, 'unmapped') as encounter_id,
        charge.service_line_code,
        charge.payer_class,
        charge.cost_center_code,
        allocated.cost_component,
        'rcc' as cost_method,
        round(sum(allocated.allocated_cents) / 100, 2) as cost_amount
    from {{ ref('int_charge_cost__allocated') }} as allocated
    inner join {{ within(ref('int_charge__weighed'), of_costed_months(), 'charge') }}
        on allocated.charge_id = charge.charge_id
    group by
        charge.service_month,
        charge.facility_code,
        charge.encounter_id,
        charge.service_line_code,
        charge.payer_class,
        charge.cost_center_code,
        allocated.cost_component
),

supply_cost as (
    select
        service_month,
        facility_code,
        coalesce(encounter_id, 'unmapped') as encounter_id,
        service_line_code,
        payer_class,
        cost_center_code,
        cost_component,
        'actual' as cost_method,
        sum(supply_cost) as cost_amount
    from {{ within(
        ref('int_supply_usage__costed'), of_touched_days(['int_supply_usage__costed'])
    ) }}
    group by
        service_month,
        facility_code,
        encounter_id,
        service_line_code,
        payer_class,
        cost_center_code,
        cost_component
    having sum(supply_cost) <> 0
),

unallocated_cost as (
    select
        service_month,
        facility_code,
        'unallocated' as encounter_id,
        'unallocated' as service_line_code,
        'unallocated' as payer_class,
        cost_center_code,
        cost_component,
        'unallocated' as cost_method,
        round(sum(pool_cents) / 100, 2) as cost_amount
    from {{ ref('int_cost_pool__unallocated') }}
    group by service_month, facility_code, cost_center_code, cost_component
),

cost as (
    select * from charge_cost
    union all
    select * from supply_cost
    union all
    select * from unallocated_cost
)

select
    cost.service_month,
    cost.facility_code,
    cost.encounter_id,
    cost.service_line_code,
    cost.payer_class,
    {{ joined_key('cost_center', 'cost') }} as cost_center_key,
    cost.cost_center_code,
    cost.cost_component,
    cost.cost_method,
    cost.cost_amount
from cost
{{ join_version('cost_center', month_end('cost.service_month'), 'cost') }}
