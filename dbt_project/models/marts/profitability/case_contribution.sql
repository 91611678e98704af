{%- set changed = of_touched_cases([
    'fct_charge', 'fct_remittance_adjustment', 'fct_expected_revenue',
    'fct_encounter_cost', 'fct_encounter',
]) -%}
{{ config(materialized='kept', replaces=changed) }}
{%- set scope = 'service_month, facility_code, service_line_code, payer_class' -%}

with dollar as (
    select
        {{ scope }},
        encounter_id,
        charge_amount as net_revenue_amount,
        0 as variable_cost
    from {{ within(ref('fct_charge'), changed) }}
    union all
    select
        {{ scope }},
        encounter_id,
        -adjustment_amount as net_revenue_amount,
        0 as variable_cost
    from {{ within(ref('fct_remittance_adjustment'), changed) }}
    where
        not is_passed_on
        and adjustment_category in ('contractual', 'denial', 'other')
    union all
    select
        {{ scope }},
        encounter_id,
        accrued_amount - unanswered_amount as net_revenue_amount,
        0 as variable_cost
    from {{ within(ref('fct_expected_revenue'), changed) }}
    where unanswered_amount <> 0
    union all
    select
        {{ scope }},
        encounter_id,
        0 as net_revenue_amount,
        variable_cost
    from {{ within(ref('fct_encounter_cost'), changed) }}
),

grouped as (
    select
        dollar.service_month,
        dollar.facility_code,
        dollar.service_line_code,
        dollar.payer_class,
        {{ case_group('encounter') }} as case_group_code,
        0 as encounter_count,
        dollar.net_revenue_amount,
        dollar.variable_cost
    from dollar
    left join {{ ref('fct_encounter') }} as encounter
        on dollar.encounter_id = encounter.encounter_id
    union all
    select
        {{ scope }},
        {{ case_group('encounter') }} as case_group_code,
        1 as encounter_count,
        0 as net_revenue_amount,
        0 as variable_cost
    from {{ within(ref('fct_encounter'), changed, 'encounter') }}
    where is_counted
)

select
    {{ scope }},
    case_group_code,
    sum(encounter_count) as encounter_count,
    sum(net_revenue_amount) as net_revenue_amount,
    sum(variable_cost) as variable_cost
from grouped
group by {{ scope }}, case_group_code
