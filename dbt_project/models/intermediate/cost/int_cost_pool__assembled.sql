{{ config(materialized='kept', replaces='true') }}

-- What patient-care centers hold is a pool for charges; what stayed on an overhead
-- center, or on a cost center that nobody knows, has no charges to go to.
with direct as (
    select
        direct.*,
        center.cost_center_kind
    from {{ ref('int_cost_center__directed') }} as direct
    {{ join_center_of_month('direct') | indent }}
),

pool as (
    select
        facility_code,
        service_month,
        cost_center_code,
        cost_component,
        coalesce(cost_center_kind, 'unmapped') as cost_center_kind,
        case when cost_center_kind is null then 'unmapped_cost_center' else '' end
            as pool_reason,
        direct_cents as pool_cents,
        variable_cents
    from direct
    where cost_center_kind is distinct from 'overhead'
    union all
    -- What others do for a center does not vary with its own volume.
    select
        facility_code,
        service_month,
        cost_center_code,
        'overhead' as cost_component,
        cost_center_kind,
        exception_reason as pool_reason,
        case
            when cost_center_kind = 'overhead' then balance_cents
            else received_cents
        end as pool_cents,
        0 as variable_cents
    from {{ ref('int_cost_center__allocated') }}
    where is_chosen
)

select
    facility_code,
    service_month,
    cost_center_code,
    cost_component,
    case
        when cost_component in ('supply', 'implant', 'drug') then cost_component
        else 'service'
    end as cost_group,
    cost_center_kind,
    pool_reason,
    pool_cents,
    variable_cents::bigint as variable_cents
from pool
where pool_cents <> 0
