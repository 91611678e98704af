{#- Providers by every code that feeds name them by: id or NPI. -#}
{% macro providers_by_code() -%}
select distinct on (known.code)
    known.code,
    practitioner.provider_id
from {{ ref('stg_ehr__practitioner') }} as practitioner
cross join
    lateral (
        values (practitioner.provider_id), (practitioner.npi_code)
    ) as known (code)
where practitioner.valid_to is null and known.code is not null
order by known.code, practitioner.provider_id
{%- endmacro %}
