with source as (
    {{ latest_record('raw_erp', 'account.account') }}
)

select
    record_id,
    resource_id as account_id_erp,
    {{ erp_field('code') }} as account_code,
    {{ erp_field('name') }} as account_name
from source
where {{ erp_field('code') }} is not null
