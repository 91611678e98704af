{#- The measures of a margin as columns, summed over rows of measure_name and
    measure_value; what was never measured is 0. -#}
{% macro margin_measures() -%}
{%- for name in [
    'gross_charge', 'unadjudicated_gross', 'unbilled_gross', 'accrued_net_revenue',
    'estimated_concession', 'contractual', 'denial', 'other', 'patient_share', 'paid',
    'labor', 'supply', 'implant', 'drug', 'other_direct', 'overhead', 'variable',
] -%}
{{ '' if loop.first else ',\n' -}}
coalesce(sum(measure_value) filter (where measure_name = '{{ name }}'), 0.00)
    as {{ name }}
{%- endfor %}
{%- endmacro %}

{#- What a reader sees of those measures: revenue, cost, and every step of the margin
    ladder from contribution through direct to operating. -#}
{% macro margin_columns() -%}
{%- set net_revenue =
    'gross_charge - contractual - denial - other - estimated_concession'
-%}
{%- set direct =
    net_revenue ~ ' - supply - implant - drug - labor - other_direct'
-%}
gross_charge as gross_charge_amount,
contractual as contractual_amount,
denial as denial_amount,
other as other_adjustment_amount,
estimated_concession as estimated_concession_amount,
patient_share as patient_share_amount,
paid as paid_amount,
{{ net_revenue }} as net_revenue_amount,
unadjudicated_gross as unadjudicated_gross_amount,
unbilled_gross as unbilled_gross_amount,
accrued_net_revenue as accrued_net_revenue_amount,
labor as labor_cost,
supply as supply_cost,
implant as implant_cost,
drug as drug_cost,
other_direct as other_direct_cost,
overhead as overhead_cost,
variable as variable_cost,
{{ net_revenue }} - variable as contribution_margin_amount,
{{ direct }} as direct_margin_amount,
{{ direct }} - overhead as operating_margin_amount
{%- endmacro %}

{#- What was planned of facilities and service lines, month by month. -#}
{% macro budget_by_dimension(budget) -%}
select
    budget.budget_month,
    budget.facility_code,
    dimension.dimension_name,
    dimension.dimension_code,
    sum(budget.net_revenue_amount) as net_revenue_amount,
    sum(budget.variable_cost + budget.fixed_direct_cost + budget.overhead_cost)
        as total_cost
from {{ budget }} as budget
cross join
    lateral (
        values
        ('facility', budget.facility_code),
        ('service_line', budget.service_line_code)
    ) as dimension (dimension_name, dimension_code)
group by
    budget.budget_month,
    budget.facility_code,
    dimension.dimension_name,
    dimension.dimension_code
{%- endmacro %}

{#- What was planned, and nothing of it happened in a month that a facility has. -#}
{% macro planned_in_vain(measures, happened) -%}
select
    budget.budget_month as service_month,
    budget.facility_code,
    budget.dimension_name,
    budget.dimension_code,
    0 as encounter_count,
    0 as discharge_count,
    {%- for measure in measures %}
    0.00 as {{ measure }},
    {%- endfor %}
    0 as drg_weight_total
from budget
where
    (budget.budget_month, budget.facility_code) in (
        select
            {{ happened }}.service_month,
            {{ happened }}.facility_code
        from {{ happened }}
    )
    and (
        budget.budget_month,
        budget.facility_code,
        budget.dimension_name,
        budget.dimension_code
    ) not in (
        select
            {{ happened }}.service_month,
            {{ happened }}.facility_code,
            {{ happened }}.dimension_name,
            {{ happened }}.dimension_code
        from {{ happened }}
    )
{%- endmacro %}

{#- Whether two rows of the margin ladder are about the same. -#}
{% macro is_same_dimension(one, other) -%}
{{ one }}.facility_code = {{ other }}.facility_code
and {{ one }}.dimension_name = {{ other }}.dimension_name
and {{ one }}.dimension_code = {{ other }}.dimension_code
{%- endmacro %}

{#- What the margin ladder adds up besides its steps: fixed direct and total cost, and
    the acquisition cost of everything used. -#}
{% macro ladder_costs(mart) -%}
{{ mart }}.contribution_margin_amount - {{ mart }}.direct_margin_amount
    as fixed_direct_cost,
{{ mart }}.net_revenue_amount - {{ mart }}.operating_margin_amount as total_cost,
{{ mart }}.supply_cost + {{ mart }}.implant_cost + {{ mart }}.drug_cost as item_cost
{%- endmacro %}
