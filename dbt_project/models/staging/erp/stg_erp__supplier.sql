with source as (
    {{ latest_record('raw_erp', 'party.party') }}
)

select
    record_id,
    resource_id as supplier_id_erp,
    coalesce({{ erp_field('code') }}, resource_id) as supplier_code,
    {{ erp_field('name') }} as supplier_name
from source
