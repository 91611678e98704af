{%- set changed = of_touched_days([
    'int_cost_model__divided', 'int_cost_model__based', 'int_cost_model__pooled',
]) -%}
{{ config(materialized='kept', replaces=changed) }}
{%- set pool_key = [
    'cost_model_code', 'model_step', 'facility_code', 'service_month',
    'cost_center_code', 'cost_component',
] -%}
{%- set key = pool_key + ['cost_method'] -%}

-- Each version gives its pools to service lines at once, by what their charges weigh.
with basis as (
    select
        part.cost_model_code,
        part.model_step,
        part.facility_code,
        part.service_month,
        part.cost_center_code,
        part.cost_component,
        part.cost_method,
        part.part_cents,
        base.service_line_code,
        base.weight
    from {{ within(ref('int_cost_model__divided'), changed, 'part') }}
    inner join {{ within(ref('int_cost_model__based'), changed, 'base') }}
        on
            part.cost_model_code = base.cost_model_code
            and part.model_step = base.model_step
            and part.facility_code = base.facility_code
            and part.service_month = base.service_month
            and part.cost_center_code = base.cost_center_code
            and part.cost_group = base.cost_group
            and part.cost_method = base.cost_method
),

allocated as (
    {{ largest_remainder('basis', 'part_cents', 'weight', key, 'service_line_code')
    | indent }}
),

given as (
    select
        {%- for column in key %}
        {{ column }},
        {%- endfor %}
        service_line_code,
        allocated_cents as cents
    from allocated
    union all
    select
        {%- for column in key %}
        {{ column }},
        {%- endfor %}
        'unallocated' as service_line_code,
        sum(part_cents) as cents
    from {{ within(ref('int_cost_model__divided'), changed) }}
    where cost_method = 'unallocated'
    group by {{ key | join(', ') }}
),

-- What varies of a pool is shared out as the pool was.
varying as (
    select
        given.*,
        pool.variable_cents,
        abs(given.cents) as weight,
        given.service_line_code || '|' || given.cost_method as place
    from given
    inner join {{ within(ref('int_cost_model__pooled'), changed, 'pool') }}
        on
            given.cost_model_code = pool.cost_model_code
            and given.model_step = pool.model_step
            and given.facility_code = pool.facility_code
            and given.service_month = pool.service_month
            and given.cost_center_code = pool.cost_center_code
            and given.cost_component = pool.cost_component
),

shared as (
    {{ largest_remainder(
        'varying', 'variable_cents', 'weight', pool_key, 'place'
    ) | indent }}
)

select
    {%- for column in key %}
    {{ column }},
    {%- endfor %}
    service_line_code,
    round(cents / 100, 2) as cost_amount,
    round(allocated_cents / 100, 2) as variable_cost
from shared
