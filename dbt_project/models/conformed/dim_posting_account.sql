select
    posting_role,
    account_code
from {{ ref('stg_reference__posting_account') }}
