select
    account_code,
    account_name,
    account_class
from {{ source('reference', 'account') }}
