{%- set counted = 'told.encounter_count > 0' -%}
{%- set contribution = 'told.net_revenue_amount - told.variable_cost' -%}

-- One factor after the other takes its value of this month: each effect is what that
-- moves. All that a step arrives at is whole cents, so that their differences add up.
with compared as (
    {{ months_with_prior(ref('service_line_profitability')) | indent }}
),

cell as (
    {{ beside_prior_month(
        ref('case_contribution'),
        ['service_line_code', 'case_group_code', 'payer_class'],
        {
            'told': '1',
            'cases': 'told.encounter_count',
            'margin': 'case when ' ~ counted ~ ' then ' ~ contribution ~ ' else 0 end',
            'cost': 'case when ' ~ counted ~ ' then told.variable_cost else 0 end',
            'apart': 'case when ' ~ counted ~ ' then 0 else ' ~ contribution ~ ' end',
        },
    ) | indent }}
),

line as (
    select
        service_month,
        facility_code,
        service_line_code,
        sum(told) as told,
        sum(prior_told) as prior_told,
        sum(apart) as apart,
        sum(prior_apart) as prior_apart,
        sum(cost) as cost,
        sum(margin) as margin,
        sum(prior_margin) as prior_margin,
        round(sum(at_volume), 2) as at_volume,
        round(sum(at_case_mix), 2) as at_case_mix,
        round(sum(at_payer_mix), 2) as at_payer_mix,
        round(sum(margin + cost - at_prior_cost), 2) as at_rate
    from (
        select
            cell.*,
            {{ at_prior_average('margin', 'of_line') | indent(12) }} as at_volume,
            {{ at_prior_average('margin', 'of_group') | indent(12) }} as at_case_mix,
            {{ at_prior_average('margin') | indent(12) }} as at_payer_mix,
            {{ at_prior_average('cost') | indent(12) }} as at_prior_cost
        from cell
        window
            of_line as (
                partition by service_month, facility_code, service_line_code
            ),
            of_group as (
                partition by
                    service_month, facility_code, service_line_code, case_group_code
            )
    ) as stepped
    group by service_month, facility_code, service_line_code
),

{% set costs = [
    'variable_cost_at_prior_price', 'fixed_direct_cost', 'prior_fixed_direct_cost',
    'fixed_cost_at_prior_pool', 'overhead_cost', 'prior_overhead_cost',
] -%}

spent as (
    select
        {%- for name in costs %}
        coalesce(step.{{ name }}, 0) as {{ name }},
        {%- endfor %}
        line.*
    from line
    left join {{ ref('resource_step') }} as step
        on
            line.service_month = step.service_month
            and line.facility_code = step.facility_code
            and line.service_line_code = step.service_line_code
)

select
    service_month,
    facility_code,
    service_line_code,
    told > 0 as is_present,
    prior_told > 0 as was_present,
    prior_margin + prior_apart - prior_fixed_direct_cost - prior_overhead_cost
        as prior_operating_margin_amount,
    margin + apart - fixed_direct_cost - overhead_cost as operating_margin_amount,
    apart - prior_apart as without_volume_amount,
    at_volume - prior_margin as volume_amount,
    at_case_mix - at_volume as case_mix_amount,
    at_payer_mix - at_case_mix as payer_mix_amount,
    at_rate - at_payer_mix as rate_amount,
    margin + cost - variable_cost_at_prior_price - at_rate as usage_amount,
    variable_cost_at_prior_price - cost + fixed_cost_at_prior_pool - fixed_direct_cost
        as cost_price_amount,
    prior_fixed_direct_cost - fixed_cost_at_prior_pool
    + prior_overhead_cost - overhead_cost as allocation_amount
from spent
