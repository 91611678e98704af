{{ divided_pools(
    ref('int_cost_model__pooled') ~ ' as pool',
    ref('int_cost_model__based'),
    ['cost_model_code', 'model_step'],
) }}
