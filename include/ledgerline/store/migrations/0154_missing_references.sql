-- What FHIR resources refer to and no source has delivered, of any type and element.
create table raw_ehr.missing_reference (
    source text not null,
    resource_type text not null,
    target_type text not null,
    target_id text not null,
    reference_count bigint not null,
    primary key (target_type, target_id, source, resource_type)
);
comment on table raw_ehr.missing_reference is
'One row per resource that has not landed, source and type of the resources that refer to it; of a corrected resource what it said before counts too';

-- What landed before is looked at once more, and counted now.
delete from ops.source_state where key = 'references_checked';
