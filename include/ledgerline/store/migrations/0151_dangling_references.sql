-- References of FHIR resources that lead to nothing that has landed.
--
-- The questions below are asked of each by itself, in this order, through an index: as
-- joins they would be asked of every record at once.
create view raw_ehr.dangling_reference as
select
    record.record_id,
    record.batch_id,
    batch.source,
    record.file_id,
    record.byte_offset,
    record.byte_length,
    record.resource_type,
    link.element,
    target.part[1] as target_type
from raw_ehr.record as record
inner join ops.landing_batch as batch on record.batch_id = batch.batch_id
inner join (
    values
    ('Encounter', 'subject', jsonpath '$.subject.reference'),
    ('Encounter', 'serviceProvider', jsonpath '$.serviceProvider.reference'),
    ('Encounter', 'participant', jsonpath '$.participant.individual.reference'),
    ('Location', 'managingOrganization', jsonpath '$.managingOrganization.reference'),
    ('Organization', 'partOf', jsonpath '$.partOf.reference'),
    ('Patient', 'managingOrganization', jsonpath '$.managingOrganization.reference'),
    ('PractitionerRole', 'practitioner', jsonpath '$.practitioner.reference'),
    ('PractitionerRole', 'organization', jsonpath '$.organization.reference'),
    ('SupplyDelivery', 'patient', jsonpath '$.patient.reference'),
    ('SupplyDelivery', 'destination', jsonpath '$.destination.reference')
) as link (resource_type, element, place)
    on record.resource_type = link.resource_type
cross join lateral
    jsonb_path_query(record.body, link.place) as found (reference)
cross join lateral
    regexp_match(
        found.reference #>> '{}',
        '^([A-Z][A-Za-z]+)/([A-Za-z0-9.-]+)(?:/_history/.*)?$'
    ) as target (part)
where
    target.part is not null
    and case
        when (
            select true from raw_ehr.record as landed
            where
                landed.resource_type = target.part[1]
                and landed.resource_id = target.part[2]
            limit 1
        ) then false
        -- Nothing waits for a resource that says something else by now, or is gone.
        when (
            select true from raw_ehr.record as later
            where
                later.resource_type = record.resource_type
                and later.resource_id = record.resource_id
                and later.received_at > record.received_at
            limit 1
        ) then false
        when (
            select true from raw_ehr.vanishing as vanishing
            where
                vanishing.resource_type = record.resource_type
                and vanishing.resource_id = record.resource_id
                and vanishing.vanished_at > record.received_at
            limit 1
        ) then false
        -- What this source never delivers is another system's matter.
        else coalesce(
            (
                select true from raw_ehr.record as alike
                where
                    alike.resource_type = target.part[1]
                    and (
                        select other.source from ops.landing_batch as other
                        where other.batch_id = alike.batch_id
                    ) = batch.source
                limit 1
            ),
            false
        )
    end;
comment on view raw_ehr.dangling_reference is
'One row per reference of a current FHIR resource that a model reads and whose target, of a type that the source delivers, has not landed';

create table raw_ehr.waiting_reference (
    quarantine_id bigint primary key references ops.quarantined_record,
    record_id bigint not null references raw_ehr.record
);
comment on table raw_ehr.waiting_reference is
'One row per FHIR resource that was parked for a dangling reference';
