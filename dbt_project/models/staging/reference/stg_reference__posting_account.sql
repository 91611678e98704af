select
    posting_role,
    account_code
from {{ source('reference', 'posting_account') }}
