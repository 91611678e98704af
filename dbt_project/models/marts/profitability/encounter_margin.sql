{%- set changed = of_touched_encounters([
    'fct_encounter', 'fct_charge', 'fct_remittance_adjustment', 'fct_payment',
    'fct_encounter_cost', 'fct_expected_revenue',
]) -%}
{{ config(materialized='kept', replaces=changed) }}

with measure as (
    select
        encounter_id,
        'encounter' as measure_name,
        1 as measure_value
    from {{ within(ref('fct_encounter'), changed) }}
    union all
    select
        encounter_id,
        unnest(array['gross_charge', 'unadjudicated_gross', 'unbilled_gross'])
            as measure_name,
        unnest(array[
            charge_amount,
            case when is_adjudicated then 0 else charge_amount end,
            case when is_billed then 0 else charge_amount end
        ]) as measure_value
    from {{ within(ref('fct_charge'), changed) }}
    union all
    select
        encounter_id,
        unnest(array['accrued_net_revenue', 'estimated_concession']) as measure_name,
        unnest(array[accrued_amount, unanswered_amount - accrued_amount])
            as measure_value
    from {{ within(ref('fct_expected_revenue'), changed) }}
    where unanswered_amount <> 0
    union all
    select
        encounter_id,
        adjustment_category as measure_name,
        adjustment_amount as measure_value
    from {{ within(ref('fct_remittance_adjustment'), changed) }}
    where not is_passed_on
    union all
    select
        encounter_id,
        'paid' as measure_name,
        paid_amount as measure_value
    from {{ within(ref('fct_payment'), changed) }}
    union all
    select
        encounter_id,
        unnest(array[cost_component, 'variable']) as measure_name,
        unnest(array[cost_amount, variable_cost]) as measure_value
    from {{ within(ref('fct_encounter_cost'), changed) }}
),

total as (
    select
        {{ margin_measures() | indent(8) }},
        encounter_id
    from measure
    group by encounter_id
)

select
    encounter.encounter_id,
    encounter.facility_code,
    encounter.department_code,
    encounter.service_line_code,
    encounter.payer_class,
    encounter.ms_drg,
    encounter.is_inpatient,
    encounter.service_month,
    {{ margin_columns() | indent }}
from {{ within(ref('fct_encounter'), changed, 'encounter') }}
inner join total on encounter.encounter_id = total.encounter_id
