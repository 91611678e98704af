{{ config(materialized='kept', replaces=of_costs()) }}
{%- set grain -%}
service_month, facility_code, encounter_id, service_line_code, payer_class,
        cost_center_code, cost_component, cost_method
{%- endset %}

with cost as (
    select
        charge.service_month,
        charge.facility_code,
        coalesce(charge.encounter_id, 'unmapped') as encounter_id,
        charge.service_line_code,
        charge.payer_class,
        charge.cost_center_code,
        allocated.cost_component,
        allocated.cost_method,
        allocated.allocated_cents as cents
    from {{ ref('int_charge_cost__allocated') }} as allocated
    inner join {{ within(ref('int_charge__weighed'), of_costed_months(), 'charge') }}
        on allocated.charge_id = charge.charge_id
    union all
    select
        service_month,
        facility_code,
        coalesce(encounter_id, 'unmapped') as encounter_id,
        service_line_code,
        payer_class,
        cost_center_code,
        cost_component,
        'actual' as cost_method,
        supply_cost * 100 as cents
    from {{ within(
        ref('int_supply_usage__costed'), of_touched_days(['int_supply_usage__costed'])
    ) }}
    union all
    select
        service_month,
        facility_code,
        'unallocated' as encounter_id,
        'unallocated' as service_line_code,
        'unallocated' as payer_class,
        cost_center_code,
        cost_component,
        'unallocated' as cost_method,
        part_cents as cents
    from {{ ref('int_cost_pool__unallocated') }}
),

summed as (
    select
        {{ grain }},
        sum(cents) as cents
    from cost
    group by {{ grain }}
    having sum(cents) <> 0 or cost_method <> 'actual'
),

-- What varies of a pool is shared out as the pool was.
basis as (
    select
        summed.*,
        pool.variable_cents,
        abs(summed.cents) as weight,
        concat_ws(
            '|',
            summed.encounter_id,
            summed.service_line_code,
            summed.payer_class,
            summed.cost_method
        ) as place
    from summed
    left join {{ ref('int_cost_pool__assembled') }} as pool
        on
            summed.facility_code = pool.facility_code
            and summed.service_month = pool.service_month
            and summed.cost_center_code = pool.cost_center_code
            and summed.cost_component = pool.cost_component
),

shared as (
    {{ largest_remainder(
        "(select * from basis where cost_method <> 'actual')",
        'variable_cents', 'weight',
        ['facility_code', 'service_month', 'cost_center_code', 'cost_component'],
        'place'
    ) | indent }}
),

costed as (
    select
        {{ grain }},
        round(cents / 100, 2) as cost_amount,
        round(allocated_cents / 100, 2) as variable_cost
    from shared
    union all
    select
        {{ grain }},
        round(cents / 100, 2) as cost_amount,
        round(cents / 100, 2) as variable_cost
    from basis
    where cost_method = 'actual'
)

select
    costed.service_month,
    costed.facility_code,
    costed.encounter_id,
    costed.service_line_code,
    costed.payer_class,
    {{ joined_key('cost_center', 'costed') }} as cost_center_key,
    costed.cost_center_code,
    costed.cost_component,
    costed.cost_method,
    costed.cost_amount,
    costed.variable_cost
from costed
{{ join_version('cost_center', month_end('costed.service_month'), 'costed') }}
