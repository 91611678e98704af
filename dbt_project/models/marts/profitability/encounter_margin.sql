{%- set amounts = [
    'gross_charge', 'unadjudicated_gross', 'contractual', 'denial', 'other',
    'patient_share', 'paid',
] -%}
{%- set costs = ['labor', 'supply', 'implant', 'drug', 'other_direct', 'overhead'] -%}

with measure as (
    select
        encounter_id,
        unnest(array['gross_charge', 'unadjudicated_gross']) as measure_name,
        unnest(array[
            charge_amount, case when is_adjudicated then 0 else charge_amount end
        ]) as measure_value
    from {{ ref('fct_charge') }}
    union all
    select
        encounter_id,
        adjustment_category as measure_name,
        adjustment_amount as measure_value
    from {{ ref('fct_remittance_adjustment') }}
    union all
    select
        encounter_id,
        'paid' as measure_name,
        paid_amount as measure_value
    from {{ ref('fct_payment') }}
    union all
    select
        encounter_id,
        cost_component as measure_name,
        cost_amount as measure_value
    from {{ ref('fct_encounter_cost') }}
),

total as (
    select
        {%- for name in amounts + costs %}
        coalesce(sum(measure_value) filter (where measure_name = '{{ name }}'), 0.00)
            as {{ name }},
        {%- endfor %}
        encounter_id
    from measure
    group by encounter_id
),

netted as (
    select
        encounter.encounter_id,
        encounter.facility_code,
        encounter.department_code,
        encounter.service_line_code,
        encounter.payer_class,
        encounter.ms_drg,
        encounter.is_inpatient,
        encounter.service_month,
        {%- for name in amounts + costs %}
        coalesce(total.{{ name }}, 0.00) as {{ name }},
        {%- endfor %}
        coalesce(
            total.gross_charge - total.contractual - total.denial - total.other, 0.00
        ) as net_revenue,
        coalesce(total.supply + total.implant + total.drug, 0.00) as variable_cost,
        coalesce(total.labor + total.other_direct, 0.00) as fixed_direct_cost
    from {{ ref('fct_encounter') }} as encounter
    left join total on encounter.encounter_id = total.encounter_id
)

select
    encounter_id,
    facility_code,
    department_code,
    service_line_code,
    payer_class,
    ms_drg,
    is_inpatient,
    service_month,
    gross_charge as gross_charge_amount,
    contractual as contractual_amount,
    denial as denial_amount,
    other as other_adjustment_amount,
    patient_share as patient_share_amount,
    paid as paid_amount,
    net_revenue as net_revenue_amount,
    unadjudicated_gross as unadjudicated_gross_amount,
    labor as labor_cost,
    supply as supply_cost,
    implant as implant_cost,
    drug as drug_cost,
    other_direct as other_direct_cost,
    overhead as overhead_cost,
    net_revenue - variable_cost as contribution_margin_amount,
    net_revenue - variable_cost - fixed_direct_cost as direct_margin_amount,
    net_revenue - variable_cost - fixed_direct_cost - overhead
        as operating_margin_amount
from netted
