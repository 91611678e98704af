with allocated as (
    select distinct
        facility_code,
        service_month,
        cost_center_code,
        cost_component
    from {{ ref('int_charge_cost__allocated') }}
)

select
    pool.facility_code,
    pool.service_month,
    pool.cost_center_code,
    pool.cost_component,
    pool.pool_cents
from {{ within(ref('int_cost_pool__assembled'), of_costed_months(), 'pool') }}
left join allocated
    on
        pool.facility_code = allocated.facility_code
        and pool.service_month = allocated.service_month
        and pool.cost_center_code = allocated.cost_center_code
        and pool.cost_component = allocated.cost_component
where allocated.facility_code is null
