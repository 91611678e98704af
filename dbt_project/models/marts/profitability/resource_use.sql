{%- set changed = of_touched_cases([
    'fct_supply_usage', 'fct_charge', 'fct_encounter_cost', 'fct_encounter',
]) -%}
{{ config(materialized='kept', replaces=changed) }}
{%- set scope -%}
service_month, facility_code, service_line_code, payer_class, encounter_id
{%- endset -%}

-- What a service line used: items by the piece, and cost centers by what they charged.
with used as (
    select
        {{ scope }},
        'item' as resource_kind,
        item_code as resource_code,
        quantity,
        supply_cost as variable_cost,
        0 as fixed_direct_cost,
        0 as overhead_cost
    from {{ within(ref('fct_supply_usage'), changed) }}
    union all
    select
        {{ scope }},
        'cost_center' as resource_kind,
        cost_center_code as resource_code,
        charge_amount as quantity,
        0 as variable_cost,
        0 as fixed_direct_cost,
        0 as overhead_cost
    from {{ within(ref('fct_charge'), changed) }}
    union all
    select
        {{ scope }},
        'cost_center' as resource_kind,
        cost_center_code as resource_code,
        0 as quantity,
        variable_cost,
        case when cost_component <> 'overhead' then fixed_cost else 0 end
            as fixed_direct_cost,
        case when cost_component = 'overhead' then fixed_cost else 0 end
            as overhead_cost
    from (
        select
            *,
            cost_amount - variable_cost as fixed_cost
        from {{ within(ref('fct_encounter_cost'), changed) }}
        where cost_method <> 'actual'
    ) as cost
),

-- Summed by what a case is before it is looked up whether any case of it counts.
by_case as (
    select
        used.service_month,
        used.facility_code,
        used.service_line_code,
        used.payer_class,
        {{ case_group('encounter') }} as case_group_code,
        used.resource_kind,
        used.resource_code,
        sum(used.quantity) as quantity,
        sum(used.variable_cost) as variable_cost,
        sum(used.fixed_direct_cost) as fixed_direct_cost,
        sum(used.overhead_cost) as overhead_cost
    from used
    left join {{ ref('fct_encounter') }} as encounter
        on used.encounter_id = encounter.encounter_id
    group by
        used.service_month, used.facility_code, used.service_line_code,
        used.payer_class, {{ case_group('encounter') }}, used.resource_kind,
        used.resource_code
)

select
    used.service_month,
    used.facility_code,
    used.service_line_code,
    used.resource_kind,
    used.resource_code,
    coalesce(sum(used.quantity) filter (where counted.encounter_count > 0), 0)
        as quantity,
    coalesce(sum(used.variable_cost) filter (where counted.encounter_count > 0), 0)
        as variable_cost,
    sum(used.fixed_direct_cost) as fixed_direct_cost,
    sum(used.overhead_cost) as overhead_cost
from by_case as used
left join {{ ref('case_contribution') }} as counted
    on
        used.service_month = counted.service_month
        and used.facility_code = counted.facility_code
        and used.service_line_code = counted.service_line_code
        and used.payer_class = counted.payer_class
        and used.case_group_code = counted.case_group_code
group by
    used.service_month,
    used.facility_code,
    used.service_line_code,
    used.resource_kind,
    used.resource_code
