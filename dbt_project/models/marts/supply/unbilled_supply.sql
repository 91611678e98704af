{%- set changed = of_touched_encounters([
    'fct_supply_usage', 'fct_charge', 'fct_encounter'
]) -%}
{{ config(materialized='kept', replaces=changed) }}

-- Of one code what was charged is taken to be the dearest that was used: what is left
-- is what was lost at least.
with used as (
    select
        usage.*,
        billable.revenue_code,
        billable.procedure_code,
        usage.quantity - usage.unused_quantity as used_quantity,
        sum(usage.quantity - usage.unused_quantity) over (
            partition by
                usage.encounter_id, billable.revenue_code, billable.procedure_code
            order by usage.unit_cost desc, usage.supply_usage_id asc
        ) as used_so_far
    from {{ within(ref('fct_supply_usage'), changed, 'usage') }}
    inner join {{ ref('dim_chargeable_item') }} as billable
        on
            usage.item_code = billable.item_code
            and {{ holds_on('billable', 'usage.usage_date') | indent(12) }}
    where usage.quantity > usage.unused_quantity
),

charged as (
    select
        encounter_id,
        revenue_code,
        procedure_code,
        sum(service_quantity) as charged_quantity
    from {{ within(ref('fct_charge'), changed) }}
    group by encounter_id, revenue_code, procedure_code
),

matched as (
    select
        used.supply_usage_id,
        least(
            used.used_quantity,
            greatest(used.used_so_far - coalesce(sum(charged.charged_quantity), 0), 0)
        ) as unbilled_quantity
    from used
    left join charged
        on
            used.encounter_id = charged.encounter_id
            and used.revenue_code = charged.revenue_code
            and (
                used.procedure_code is null
                or used.procedure_code = charged.procedure_code
            )
    group by used.supply_usage_id, used.used_quantity, used.used_so_far
)

select
    used.supply_usage_id,
    used.encounter_id,
    used.facility_code,
    used.department_code,
    used.service_line_code,
    used.payer_class,
    used.item_code,
    used.item_category,
    used.lot_number,
    used.revenue_code,
    used.procedure_code,
    used.encounter_id in (
        select charged.encounter_id from charged
        where charged.encounter_id is not null
    ) as has_other_charges,
    used.unit_cost,
    round(matched.unbilled_quantity * used.unit_cost, 2) as unbilled_cost,
    used.used_quantity,
    matched.unbilled_quantity,
    used.quantity_unit,
    used.usage_date,
    used.service_month
from used
inner join matched on used.supply_usage_id = matched.supply_usage_id
inner join {{ within(ref('fct_encounter'), changed, 'encounter') }}
    on used.encounter_id = encounter.encounter_id
-- What is charged for a stay is known when it has ended.
where matched.unbilled_quantity > 0 and encounter.is_complete
