{{ config(indexes=[{'columns': ['code_set', 'source_system', 'native_code']}]) }}

select
    code_set,
    source_system,
    facility_code,
    native_code,
    canonical_code,
    valid_from,
    valid_to,
    approved_by,
    approved_at,
    changeset_id
from {{ source('reference', 'mapping') }}
