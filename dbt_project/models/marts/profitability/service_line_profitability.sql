{%- set counts = ['encounter', 'discharge', 'drg_weight'] -%}
{%- set amounts = [
    'gross_charge', 'unadjudicated_gross', 'contractual', 'denial', 'other',
    'patient_share', 'paid',
] -%}
{%- set costs = ['labor', 'supply', 'implant', 'drug', 'other_direct', 'overhead'] -%}
{%- set scope = 'service_month, facility_code, service_line_code, payer_class' -%}

with measure as (
    select
        {{ scope }},
        'encounter' as measure_name,
        count(*)::numeric as measure_value
    from {{ ref('fct_encounter') }}
    where is_complete
    group by {{ scope }}
    union all
    select
        {{ scope }},
        unnest(array['discharge', 'drg_weight']) as measure_name,
        unnest(array[count(*), coalesce(sum(drg_weight), 0)]) as measure_value
    from {{ ref('fct_encounter') }}
    where is_discharge
    group by {{ scope }}
    union all
    select
        {{ scope }},
        unnest(array['gross_charge', 'unadjudicated_gross']) as measure_name,
        unnest(array[
            sum(charge_amount),
            coalesce(sum(charge_amount) filter (where not is_adjudicated), 0)
        ]) as measure_value
    from {{ ref('fct_charge') }}
    group by {{ scope }}
    union all
    select
        {{ scope }},
        adjustment_category as measure_name,
        sum(adjustment_amount) as measure_value
    from {{ ref('fct_remittance_adjustment') }}
    group by {{ scope }}, adjustment_category
    union all
    select
        {{ scope }},
        'paid' as measure_name,
        sum(paid_amount) as measure_value
    from {{ ref('fct_payment') }}
    group by {{ scope }}
    union all
    select
        {{ scope }},
        cost_component as measure_name,
        sum(cost_amount) as measure_value
    from {{ ref('fct_encounter_cost') }}
    group by {{ scope }}, cost_component
),

total as (
    select
        {%- for name in counts + amounts + costs %}
        coalesce(sum(measure_value) filter (where measure_name = '{{ name }}'), 0.00)
            as {{ name }},
        {%- endfor %}
        {{ scope }}
    from measure
    group by {{ scope }}
),

netted as (
    select
        total.*,
        total.gross_charge - total.contractual - total.denial - total.other
            as net_revenue,
        total.supply + total.implant + total.drug as variable_cost,
        total.labor + total.other_direct as fixed_direct_cost
    from total
)

select
    service_month,
    facility_code,
    service_line_code,
    payer_class,
    encounter::bigint as encounter_count,
    discharge::bigint as discharge_count,
    drg_weight as drg_weight_total,
    round(drg_weight / nullif(discharge, 0), 4) as cmi,
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
