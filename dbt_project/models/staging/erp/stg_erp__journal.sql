with source as (
    {{ latest_record('raw_erp', 'account.journal') }}
)

select
    record_id,
    resource_id as journal_id_erp,
    {{ erp_field('code') }} as journal_code,
    {{ erp_field('name') }} as journal_name,
    {{ erp_field('type') }} as journal_type,
    coalesce(({{ erp_field('active') }})::boolean, true) as is_active
from source
