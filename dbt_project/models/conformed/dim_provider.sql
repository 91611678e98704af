with role as (
    select distinct on (provider_id)
        provider_id,
        specialty_name
    from {{ ref('stg_ehr__practitioner_role') }}
    order by provider_id, specialty_name is null, practitioner_role_id
)

select
    practitioner.provider_id,
    practitioner.npi_code,
    practitioner.provider_name,
    role.specialty_name
from {{ ref('stg_ehr__practitioner') }} as practitioner
left join role
    on
        practitioner.provider_id = role.provider_id
        or practitioner.npi_code = role.provider_id
