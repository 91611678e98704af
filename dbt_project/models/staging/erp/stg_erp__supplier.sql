with source as (
    {{ record_history('raw_erp', 'party.party') }}
)

select
    record_id,
    resource_id as supplier_id_erp,
    coalesce({{ erp_field('code') }}, resource_id) as supplier_code,
    {{ erp_field('name') }} as supplier_name,
    valid_from,
    valid_to
from source
