{{ config(indexes=[{'columns': ['charge_id']}]) }}

with basis as (
    select
        pool.facility_code,
        pool.service_month,
        pool.cost_center_code,
        pool.cost_component,
        pool.pool_cents,
        charge.charge_id,
        (charge.charge_amount * 100)::bigint as charge_cents
    from {{ within(ref('int_cost_pool__assembled'), of_costed_months(), 'pool') }}
    inner join {{ within(ref('int_charge__weighed'), of_costed_months(), 'charge') }}
        on
            pool.facility_code = charge.facility_code
            and pool.service_month = charge.service_month
            and pool.cost_center_code = charge.cost_center_code
    where
        pool.cost_center_kind = 'patient_care'
        and charge.cost_method = 'rcc'
        and charge.charge_amount > 0
),

allocated as (
    {{ largest_remainder(
        'basis', 'pool_cents', 'charge_cents',
        ['facility_code', 'service_month', 'cost_center_code', 'cost_component'],
        'charge_id'
    ) | indent }}
)

select
    charge_id,
    facility_code,
    service_month,
    cost_center_code,
    cost_component,
    allocated_cents::bigint as allocated_cents
from allocated
