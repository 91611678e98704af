-- An order, basis or share of a version that nobody states would count nowhere.
with stated as (
    select
        'allocation_step' as table_name,
        cost_model_code
    from {{ ref('stg_reference__allocation_step') }}
    union all
    select
        'variable_rate' as table_name,
        cost_model_code
    from {{ ref('stg_reference__variable_rate') }}
)

select
    stated.table_name,
    stated.cost_model_code
from stated
left join {{ ref('stg_reference__cost_model') }} as cost_model
    on stated.cost_model_code = cost_model.cost_model_code
where stated.cost_model_code <> '' and cost_model.cost_model_code is null
