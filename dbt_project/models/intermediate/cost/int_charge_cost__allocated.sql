{{ config(indexes=[{'columns': ['charge_id']}]) }}

with basis as (
    select
        part.facility_code,
        part.service_month,
        part.cost_center_code,
        part.cost_component,
        part.cost_method,
        part.part_cents,
        base.charge_id,
        base.weight
    from {{ ref('int_cost_pool__divided') }} as part
    inner join {{ ref('int_charge_base__weighed') }} as base
        on
            part.facility_code = base.facility_code
            and part.service_month = base.service_month
            and part.cost_center_code = base.cost_center_code
            and part.cost_group = base.cost_group
            and part.cost_method = base.cost_method
),

allocated as (
    {{ largest_remainder(
        'basis', 'part_cents', 'weight',
        [
            'facility_code', 'service_month', 'cost_center_code', 'cost_component',
            'cost_method',
        ],
        'charge_id'
    ) | indent }}
)

select
    charge_id,
    facility_code,
    service_month,
    cost_center_code,
    cost_component,
    cost_method,
    allocated_cents::bigint as allocated_cents
from allocated
