{{ config(materialized='kept', replaces=of_exceptions()) }}

with charge as (
    select
        weighed.*,
        bool_or(weighed.cost_method in ('rvu', 'time')) over (
            partition by
                weighed.facility_code, weighed.service_month, weighed.cost_center_code
        ) as is_weighed
    from {{ within(ref('int_charge__weighed'), of_costed_months(), 'weighed') }}
),

exception as (
    select
        service_month,
        facility_code,
        cost_center_code,
        cost_component,
        'unallocated' as cost_method,
        exception_reason,
        part_cents / 100.0 as cost_amount,
        0.0 as charge_amount
    from {{ ref('int_cost_pool__unallocated') }}
    union all
    select
        service_month,
        facility_code,
        cost_center_code,
        'overhead' as cost_component,
        'allocation' as cost_method,
        'negative_balance' as exception_reason,
        left_out_cents / 100.0 as cost_amount,
        0.0 as charge_amount
    from {{ ref('int_cost_center__allocated') }}
    where is_chosen and left_out_cents <> 0
    union all
    select
        applied.service_month,
        applied.facility_code,
        coalesce(center.cost_center_code, 'unmapped') as cost_center_code,
        applied.cost_component,
        'reclassification' as cost_method,
        applied.exception_reason,
        applied.asked_cents / 100.0 as cost_amount,
        0.0 as charge_amount
    from {{ ref('int_reclassification__applied') }} as applied
    left join {{ ref('stg_reference__cost_center') }} as center
        on
            applied.from_cost_center_code = center.cost_center_code
            and
            {{ holds_on('center', month_end('applied.service_month')) | indent(12) }}
    where applied.exception_reason <> ''
    union all
    select
        service_month,
        facility_code,
        cost_center_code,
        '' as cost_component,
        'rcc' as cost_method,
        case
            when cost_center_code = 'unmapped' then 'charge_without_cost_center'
            else 'no_relative_value'
        end as exception_reason,
        0.0 as cost_amount,
        charge_amount
    from charge
    where
        cost_center_code = 'unmapped'
        or (is_weighed and cost_method = 'rcc')
    union all
    select
        service_month,
        facility_code,
        cost_center_code,
        cost_component,
        'actual' as cost_method,
        case
            when item_code = 'unmapped' then 'unmapped_item'
            else 'item_without_price'
        end as exception_reason,
        -- It is in the cost with 0.00, because nothing says what it costs.
        null as cost_amount,
        0.0 as charge_amount
    from {{ within(
        ref('int_supply_usage__costed'), of_touched_days(['int_supply_usage__costed'])
    ) }}
    where unit_cost = 0
)

select
    service_month,
    facility_code,
    cost_center_code,
    cost_component,
    cost_method,
    exception_reason,
    round(sum(cost_amount), 2) as cost_amount,
    round(sum(charge_amount), 2) as charge_amount,
    count(*) as row_count
from exception
group by
    service_month,
    facility_code,
    cost_center_code,
    cost_component,
    cost_method,
    exception_reason
