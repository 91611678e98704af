-- Every version as a way from the model that counts: first with its allocation of
-- overhead, then with its way of costing charges as well.
with month as (
    select distinct
        facility_code,
        service_month
    from {{ ref('int_cost_pool__assembled') }}
),

chosen as (
    select distinct
        facility_code,
        service_month,
        allocation_method
    from {{ ref('int_cost_center__allocated') }}
    where is_chosen
),

stated as (
    select distinct on (
        month.facility_code, month.service_month, offered.cost_model_code
    )
        month.facility_code,
        month.service_month,
        offered.cost_model_code,
        offered.allocation_method,
        offered.charge_method,
        coalesce(chosen.allocation_method, 'step_down') as chosen_method
    from month
    inner join {{ ref('stg_reference__cost_model') }} as offered
        on
            offered.facility_code in (month.facility_code, '*')
            and {{ holds_on('offered', month_end('month.service_month')) | indent(12) }}
    left join chosen
        on
            month.facility_code = chosen.facility_code
            and month.service_month = chosen.service_month
    order by
        month.facility_code,
        month.service_month,
        offered.cost_model_code,
        offered.facility_code = '*'
)

select
    stated.facility_code,
    stated.service_month,
    stated.cost_model_code,
    step.model_step,
    case
        when step.model_step = 'chosen' then stated.chosen_method
        else stated.allocation_method
    end as allocation_method,
    case
        when step.model_step = 'charge_costing' then stated.charge_method
        else 'relative_value'
    end as charge_method
from stated
cross join (
    values ('chosen'), ('overhead'), ('charge_costing')
) as step (model_step)
