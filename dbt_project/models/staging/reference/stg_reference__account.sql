select
    account_code,
    account_name,
    account_class,
    variable_rate
from {{ source('reference', 'account') }}
