-- The event fold: HL7 events by what they are about, and the state they come to.
create table raw_ehr.event (
    record_id bigint primary key references raw_ehr.record,
    subject text not null
    check (subject in ('visit', 'appointment', 'merge', 'person', 'unknown')),
    sending_facility text not null,
    subject_id text not null default '',
    happened_at timestamptz not null,
    is_waiting boolean not null default false
);
create index on raw_ehr.event (subject, sending_facility, subject_id);
create index event_waiting on raw_ehr.event (happened_at) where is_waiting;
create index event_merge on raw_ehr.event (record_id) where subject = 'merge';
comment on table raw_ehr.event is
'One row per HL7 event (ADT, SIU) that the fold has read: what it is about, and whether its time is still to come';

create table raw_ehr.event_identifier (
    record_id bigint not null references raw_ehr.event,
    authority text not null,
    value text not null,
    primary key (record_id, authority, value)
);
create index on raw_ehr.event_identifier (authority, value);
comment on table raw_ehr.event_identifier is
'One row per patient identifier (PID-3) of an event; merges are left out';

create table raw_ehr.patient_redirect (
    authority text not null,
    value text not null,
    survivor_authority text not null,
    survivor_value text not null,
    survivor_type text not null,
    primary key (authority, value)
);
comment on table raw_ehr.patient_redirect is
'One row per patient identifier that a merge retired, with the identifier it leads to in the end';

create table raw_ehr.folded_visit (
    sending_facility text not null,
    visit_number text not null,
    patient_class text not null,
    status text not null
    check (
        status in (
            'planned', 'in_progress', 'finished', 'cancelled', 'provisional'
        )
    ),
    admitted_at timestamptz,
    discharged_at timestamptz,
    discharge_disposition text not null,
    department_native_code text not null,
    account_number text not null,
    patient_identifiers jsonb not null,
    event_count integer not null,
    last_record_id bigint not null references raw_ehr.record,
    content_sha256 bytea not null,
    folded_at timestamptz not null default clock_timestamp(),
    provisional_since timestamptz,
    primary key (sending_facility, visit_number)
);
comment on table raw_ehr.folded_visit is
'One row per visit of a sending facility: the state that its ADT events come to, in business order';
comment on column raw_ehr.folded_visit.patient_identifiers is
'The identifiers of PID-3, with the survivor in place of each that was merged away';
comment on column raw_ehr.folded_visit.content_sha256 is
'Hash of the facts: equal for equal sets of events, whatever order they arrived in';

create table raw_ehr.folded_appointment (
    sending_facility text not null,
    appointment_id text not null,
    placer_id text not null,
    filler_id text not null,
    status text not null
    check (
        status in (
            'booked', 'cancelled', 'discontinued', 'deleted', 'no_show',
            'provisional'
        )
    ),
    starts_at timestamptz,
    ends_at timestamptz,
    duration_minutes numeric,
    reason_code text not null,
    visit_number text not null,
    account_number text not null,
    patient_identifiers jsonb not null,
    resources jsonb not null,
    event_count integer not null,
    last_record_id bigint not null references raw_ehr.record,
    content_sha256 bytea not null,
    folded_at timestamptz not null default clock_timestamp(),
    primary key (sending_facility, appointment_id)
);
comment on table raw_ehr.folded_appointment is
'One row per appointment of a sending facility: the state that its SIU events come to';

grant select on
    raw_ehr.event, raw_ehr.event_identifier, raw_ehr.patient_redirect,
    raw_ehr.folded_visit, raw_ehr.folded_appointment
to ledgerline_build;
