{{ config(indexes=[{'columns': ['encounter_id'], 'unique': true}]) }}

with source as (
    {{ latest_record('raw_ehr', 'Encounter') }}
)

select
    source.record_id,
    source.resource_id as encounter_id,
    numbered.account_number,
    numbered.visit_number,
    {{ reference_id('fhir.subject') }} as patient_id_ehr,
    {{ reference_id('fhir."serviceProvider"') }} as organization_id_ehr,
    attending.provider_id_ehr,
    coalesce(fhir.status, 'unknown') as encounter_status,
    coalesce(fhir.class ->> 'code', 'unknown') as encounter_class_code,
    fhir.hospitalization -> 'dischargeDisposition' -> 'coding' -> 0 ->> 'code'
        as discharge_disposition_code,
    {{ as_timestamp("(fhir.period ->> 'start')") }} as start_at,
    {{ as_told_date("(fhir.period ->> 'start')") }} as told_start_date,
    became.inpatient_from_at,
    became.told_inpatient_date,
    {{ as_timestamp("(fhir.period ->> 'end')") }} as end_at,
    {{ as_told_date("(fhir.period ->> 'end')") }} as told_end_date,
    source.received_at
from source
inner join lateral jsonb_to_record(source.body) as fhir (
    status text,
    class jsonb,
    "classHistory" jsonb,
    identifier jsonb,
    subject jsonb,
    "serviceProvider" jsonb,
    participant jsonb,
    hospitalization jsonb,
    period jsonb
) on true
inner join lateral (
    select
        max(identifier.value ->> 'value') filter (
            where identifier.value -> 'type' -> 'coding' @> '[{"code": "AN"}]'
        ) as account_number,
        max(identifier.value ->> 'value') filter (
            where identifier.value -> 'type' -> 'coding' @> '[{"code": "VN"}]'
        ) as visit_number
    from {{ elements('fhir.identifier') }} as identifier
) as numbered on true
inner join lateral (
    select
        max({{ as_timestamp("(entry.value -> 'period' ->> 'start')") }}) as from_at
    from {{ elements('fhir."classHistory"') }} as entry
    where entry.value -> 'class' ->> 'code' not in ('IMP', 'ACUTE', 'NONAC')
) as other on true
left join lateral (
    select
        {{ as_timestamp("(entry.value -> 'period' ->> 'start')") }}
            as inpatient_from_at,
        {{ as_told_date("(entry.value -> 'period' ->> 'start')") }}
            as told_inpatient_date
    from {{ elements('fhir."classHistory"') }} as entry
    where
        entry.value -> 'class' ->> 'code' in ('IMP', 'ACUTE', 'NONAC')
        and {{ as_timestamp("(entry.value -> 'period' ->> 'start')") }} > other.from_at
    order by inpatient_from_at
    limit 1
) as became on true
left join lateral (
    select {{ reference_id("(part.value -> 'individual')") }} as provider_id_ehr
    from {{ numbered_elements('fhir.participant') }} as part
    where part.value -> 'individual' is not null
    order by
        case
            when part.value -> 'type' @> '[{"coding": [{"code": "ATND"}]}]' then 1
            when part.value -> 'type' @> '[{"coding": [{"code": "PPRF"}]}]' then 2
            else 3
        end,
        part.ordinality
    limit 1
) as attending on true
