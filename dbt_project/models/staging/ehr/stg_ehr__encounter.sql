{{ config(indexes=[{'columns': ['encounter_id'], 'unique': true}]) }}

with source as (
    {{ latest_record('raw_ehr', 'Encounter') }}
)

select
    source.record_id,
    source.resource_id as encounter_id,
    identifier.account_number,
    {{ reference_id("(source.body -> 'subject')") }} as patient_id_ehr,
    {{ reference_id("(source.body -> 'serviceProvider')") }} as organization_id_ehr,
    participant.provider_id_ehr,
    coalesce(source.body ->> 'status', 'unknown') as encounter_status,
    coalesce(source.body -> 'class' ->> 'code', 'unknown') as encounter_class_code,
    source.body -> 'hospitalization' -> 'dischargeDisposition' -> 'coding' -> 0
    ->> 'code' as discharge_disposition_code,
    {{ as_timestamp("(source.body -> 'period' ->> 'start')") }} as start_at,
    {{ as_timestamp("(source.body -> 'period' ->> 'end')") }} as end_at,
    source.received_at
from source
cross join lateral (
    select max(element ->> 'value') as account_number
    from jsonb_array_elements(
        {{ items("source.body -> 'identifier'") }}
    ) as element
    where element -> 'type' -> 'coding' @> '[{"code": "AN"}]'
) as identifier
left join lateral (
    select {{ reference_id("(element -> 'individual')") }} as provider_id_ehr
    from jsonb_array_elements(
        {{ items("source.body -> 'participant'") }}
    ) with ordinality as participation (element, position)
    where element -> 'individual' is not null
    order by
        element -> 'type' @> '[{"coding": [{"code": "ATND"}]}]' desc nulls last,
        element -> 'type' @> '[{"coding": [{"code": "PPRF"}]}]' desc nulls last,
        position
    limit 1
) as participant on true
