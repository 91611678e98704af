-- Which versions of the cost model a facility has in a month; its own row goes before
-- the one for every facility.
with month as (
    select distinct
        facility_code,
        service_month
    from {{ ref('int_cost_center__directed') }}
),

stated as (
    select distinct on (
        month.facility_code, month.service_month, offered.cost_model_code
    )
        month.facility_code,
        month.service_month,
        offered.cost_model_code,
        offered.allocation_method,
        offered.charge_method
    from month
    inner join {{ ref('stg_reference__cost_model') }} as offered
        on
            offered.facility_code in (month.facility_code, '*')
            and {{ holds_on('offered', month_end('month.service_month')) | indent(12) }}
    order by
        month.facility_code,
        month.service_month,
        offered.cost_model_code,
        offered.facility_code = '*'
)

select
    stated.*,
    (stated.cost_model_code, stated.facility_code) in (
        select
            step.cost_model_code,
            step.facility_code
        from {{ ref('stg_reference__allocation_step') }} as step
        where {{ holds_on('step', month_end('stated.service_month')) | indent(12) }}
    ) as has_steps
from stated
