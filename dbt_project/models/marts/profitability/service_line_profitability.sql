{%- set changed = of_touched_days([
    'fct_encounter', 'fct_charge', 'fct_remittance_adjustment', 'fct_payment',
    'fct_encounter_cost', 'fct_expected_revenue',
]) -%}
{{ config(materialized='kept', replaces=changed) }}
{%- set scope = 'service_month, facility_code, service_line_code, payer_class' -%}

with measure as (
    select
        {{ scope }},
        'encounter' as measure_name,
        count(*)::numeric as measure_value
    from {{ within(ref('fct_encounter'), changed) }}
    where is_counted
    group by {{ scope }}
    union all
    select
        {{ scope }},
        unnest(array['discharge', 'drg_weight']) as measure_name,
        unnest(array[count(*), coalesce(sum(drg_weight), 0)]) as measure_value
    from {{ within(ref('fct_encounter'), changed) }}
    where is_discharge
    group by {{ scope }}
    union all
    select
        {{ scope }},
        unnest(array['gross_charge', 'unadjudicated_gross', 'unbilled_gross'])
            as measure_name,
        unnest(array[
            sum(charge_amount),
            coalesce(sum(charge_amount) filter (where not is_adjudicated), 0),
            coalesce(sum(charge_amount) filter (where not is_billed), 0)
        ]) as measure_value
    from {{ within(ref('fct_charge'), changed) }}
    group by {{ scope }}
    union all
    select
        {{ scope }},
        unnest(array['accrued_net_revenue', 'estimated_concession']) as measure_name,
        unnest(array[
            sum(accrued_amount), sum(unanswered_amount - accrued_amount)
        ]) as measure_value
    from {{ within(ref('fct_expected_revenue'), changed) }}
    where unanswered_amount <> 0
    group by {{ scope }}
    union all
    select
        {{ scope }},
        adjustment_category as measure_name,
        sum(adjustment_amount) as measure_value
    from {{ within(ref('fct_remittance_adjustment'), changed) }}
    where not is_passed_on
    group by {{ scope }}, adjustment_category
    union all
    select
        {{ scope }},
        'paid' as measure_name,
        sum(paid_amount) as measure_value
    from {{ within(ref('fct_payment'), changed) }}
    group by {{ scope }}
    union all
    select
        {{ scope }},
        unnest(array[cost_component, 'variable']) as measure_name,
        unnest(array[sum(cost_amount), sum(variable_cost)]) as measure_value
    from {{ within(ref('fct_encounter_cost'), changed) }}
    group by {{ scope }}, cost_component
),

total as (
    select
        {%- for name in ['encounter', 'discharge', 'drg_weight'] %}
        coalesce(sum(measure_value) filter (where measure_name = '{{ name }}'), 0.00)
            as {{ name }},
        {%- endfor %}
        {{ margin_measures() | indent(8) }},
        {{ scope }}
    from measure
    group by {{ scope }}
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
    {{ margin_columns() | indent }}
from total
