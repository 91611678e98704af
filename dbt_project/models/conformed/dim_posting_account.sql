select
    posting_role,
    account_code
from {{ ref('stg_reference__posting_account') }}
-- The one role that names a stock location and no account.
where posting_role <> 'consumption_location'
