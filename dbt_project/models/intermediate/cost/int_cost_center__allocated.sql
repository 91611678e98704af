-- Both methods side by side, the one that the facility chose counts; and the plans of
-- versions of the cost model, each by its method.
with allocated as (
    select
        'step_down' as allocation_method,
        stepped_down.*
    from {{ ref('int_cost_center__stepped_down') }} as stepped_down
    union all
    select
        'reciprocal' as allocation_method,
        reciprocated.*
    from {{ ref('int_cost_center__reciprocated') }} as reciprocated
)

select
    allocated.facility_code,
    allocated.service_month,
    allocated.allocation_plan,
    allocated.cost_center_code,
    allocated.cost_center_kind,
    allocated.allocation_method,
    allocated.allocation_plan = ''
    and allocated.allocation_method = coalesce(
        own.allocation_method, every.allocation_method, 'step_down'
    ) as is_chosen,
    allocated.direct_cents,
    allocated.received_cents,
    allocated.given_cents,
    allocated.balance_cents,
    allocated.left_out_cents,
    case
        when allocated.cost_center_kind <> 'overhead' or allocated.balance_cents = 0
            then ''
        when allocated.closed_at is null then 'no_allocation_step'
        when allocated.has_taker then 'allocation_loop'
        else 'zero_basis'
    end as exception_reason
from allocated
left join {{ ref('stg_reference__allocation_method') }} as own
    on
        allocated.facility_code = own.facility_code
        and {{ holds_on('own', month_end('allocated.service_month')) | indent(8) }}
left join {{ ref('stg_reference__allocation_method') }} as every
    on
        every.facility_code = '*'
        and {{ holds_on('every', month_end('allocated.service_month')) | indent(8) }}
