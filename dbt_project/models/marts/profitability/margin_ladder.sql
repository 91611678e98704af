{%- set measures = [
    'gross_charge_amount', 'net_revenue_amount', 'item_cost', 'variable_cost',
    'fixed_direct_cost', 'overhead_cost', 'contribution_margin_amount',
    'direct_margin_amount', 'operating_margin_amount', 'total_cost',
] -%}

-- Dollars of a facility, service line or payer class count in their own month; a DRG or
-- provider has whole cases, each in the month in which it counts as an encounter. What
-- was planned is there too if nothing came of it.
with line as (
    select
        mart.*,
        {{ ladder_costs('mart') | indent(8) }},
        dimension.dimension_name,
        dimension.dimension_code
    from {{ ref('service_line_profitability') }} as mart
    cross join
        lateral (
            values
            ('facility', mart.facility_code),
            ('service_line', mart.service_line_code),
            ('payer_class', mart.payer_class)
        ) as dimension (dimension_name, dimension_code)
),

encounter_case as (
    select
        mart.*,
        {{ ladder_costs('mart') | indent(8) }},
        encounter.is_counted::integer as encounter_count,
        encounter.is_discharge::integer as discharge_count,
        coalesce(encounter.drg_weight, 0) * encounter.is_discharge::integer
            as drg_weight_total,
        dimension.dimension_name,
        dimension.dimension_code
    from {{ ref('encounter_margin') }} as mart
    inner join {{ ref('fct_encounter') }} as encounter
        on mart.encounter_id = encounter.encounter_id
    cross join
        lateral (
            values
            ('ms_drg', coalesce(encounter.ms_drg, 'none')),
            ('provider', coalesce(encounter.provider_id, 'unmapped'))
        ) as dimension (dimension_name, dimension_code)
    where mart.service_month is not null
),

budget as (
    {{ budget_by_dimension(ref('fct_budget')) | indent }}
),

planned as (
    {{ planned_in_vain(measures, 'line') | indent }}
),

total as (
    {%- for relation in ['line', 'encounter_case', 'planned'] %}
    select
        service_month,
        facility_code,
        dimension_name,
        dimension_code,
        sum(encounter_count)::bigint as encounter_count,
        sum(discharge_count)::bigint as discharge_count,
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
        sum(drg_weight_total) as drg_weight_total
    from {{ relation }}
    group by service_month, facility_code, dimension_name, dimension_code
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    total.service_month,
    total.facility_code,
    total.dimension_name,
    total.dimension_code,
    total.encounter_count,
    total.discharge_count,
    total.drg_weight_total,
    round(total.drg_weight_total / nullif(total.discharge_count, 0), 4) as cmi,
    volume.adjusted_discharge_count,
    {%- for measure in measures %}
    total.{{ measure }},
    {%- endfor %}
    round(total.operating_margin_amount / nullif(total.net_revenue_amount, 0), 4)
        as operating_margin_rate,
    round(total.total_cost / nullif(total.discharge_count, 0), 2)
        as discharge_cost,
    round(total.total_cost / nullif(total.drg_weight_total, 0), 2)
        as cmi_adjusted_discharge_cost,
    round(total.item_cost / nullif(volume.adjusted_discharge_count, 0), 2)
        as adjusted_discharge_item_cost,
    round(total.item_cost / nullif(volume.adjusted_drg_weight_total, 0), 2)
        as cmi_adjusted_discharge_item_cost,
    earlier.net_revenue_amount as prior_net_revenue_amount,
    earlier.net_revenue_amount - earlier.operating_margin_amount as prior_total_cost,
    earlier.operating_margin_amount as prior_operating_margin_amount,
    budget.net_revenue_amount as budget_net_revenue_amount,
    budget.total_cost as budget_total_cost,
    budget.net_revenue_amount - budget.total_cost as budget_operating_margin_amount
from total
left join total as earlier
    on
        {{ is_same_dimension('total', 'earlier') | indent(8) }}
        and earlier.service_month = (total.service_month - interval '1 month')::date
left join budget
    on
        {{ is_same_dimension('total', 'budget') | indent(8) }}
        and total.service_month = budget.budget_month
left join {{ ref('hospital_volume') }} as volume
    on
        total.dimension_name = 'facility'
        and total.facility_code = volume.facility_code
        and total.service_month = volume.service_month
