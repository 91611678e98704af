select
    cost_model_code,
    account_code,
    variable_rate,
    valid_from,
    valid_to
from {{ source('reference', 'variable_rate') }}
