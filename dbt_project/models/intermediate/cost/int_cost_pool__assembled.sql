-- What patient-care centres hold is a pool for charges; what stayed on an overhead
-- centre, or on a cost centre that nobody knows, has no charges to go to.
with direct as (
    select
        direct.*,
        centre.cost_centre_kind
    from {{ ref('int_cost_centre__directed') }} as direct
    left join {{ ref('stg_reference__cost_centre') }} as centre
        on direct.cost_centre_code = centre.cost_centre_code
),

pool as (
    select
        facility_code,
        service_month,
        cost_centre_code,
        cost_component,
        coalesce(cost_centre_kind, 'unmapped') as cost_centre_kind,
        direct_cents as pool_cents
    from direct
    where cost_centre_kind is distinct from 'overhead'
    union all
    select
        facility_code,
        service_month,
        cost_centre_code,
        'overhead' as cost_component,
        cost_centre_kind,
        case
            when cost_centre_kind = 'overhead' then balance_cents
            else received_cents
        end as pool_cents
    from {{ ref('int_cost_centre__stepped_down') }}
)

select
    facility_code,
    service_month,
    cost_centre_code,
    cost_component,
    cost_centre_kind,
    pool_cents
from pool
where pool_cents <> 0
