select
    authority as facility_code_ehr,
    value as account_number,
    survivor_value as surviving_account_number
from {{ source('raw_ehr', 'redirect') }}
where kind = 'account'
