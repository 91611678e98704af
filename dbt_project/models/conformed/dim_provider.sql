-- The specialty is that of today.
with role as (
    select distinct on (provider_id)
        provider_id,
        specialty_name
    from {{ ref('stg_ehr__practitioner_role') }}
    order by provider_id, specialty_name is null, practitioner_role_id
)

select
    {{ version_key('practitioner.provider_id', 'practitioner.valid_from') }}
        as provider_key,
    practitioner.provider_id,
    practitioner.npi_code,
    practitioner.provider_name,
    coalesce(by_id.specialty_name, by_npi.specialty_name) as specialty_name,
    practitioner.valid_to is null as is_current,
    practitioner.valid_from,
    practitioner.valid_to
from {{ ref('stg_ehr__practitioner') }} as practitioner
left join role as by_id on practitioner.provider_id = by_id.provider_id
left join role as by_npi on practitioner.npi_code = by_npi.provider_id
