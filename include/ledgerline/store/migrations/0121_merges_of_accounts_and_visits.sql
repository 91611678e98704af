-- Accounts and visits are merged, moved and numbered anew as patients are; the codes of
-- one facility are one. What was folded is folded again from the same events.
truncate raw_ehr.event_identifier, raw_ehr.event;
truncate raw_ehr.folded_visit, raw_ehr.folded_appointment;
drop table raw_ehr.patient_redirect;

alter table raw_ehr.event
add column is_counted boolean not null default false;
comment on column raw_ehr.event.subject is
'What the event is about; merge also stands for moves and swaps, which are about several';
comment on column raw_ehr.event.is_counted is
'Whether a merge, move or swap counts; one that is a conflict does not';
comment on column raw_ehr.event.sending_facility is
'MSH-4, or the code that stands for all codes of its facility (raw_ehr.facility_code)';

alter table raw_ehr.event_identifier
add column kind text not null check (kind in ('patient', 'account', 'visit')),
drop constraint event_identifier_pkey,
add primary key (record_id, kind, authority, value);
drop index raw_ehr.event_identifier_authority_value_idx;
create index on raw_ehr.event_identifier (kind, authority, value);
comment on table raw_ehr.event_identifier is
'One row per patient identifier (PID-3), account and visit of an event; merges are left out';

create table raw_ehr.redirect (
    kind text not null check (kind in ('patient', 'account', 'visit')),
    authority text not null,
    value text not null,
    survivor_authority text not null,
    survivor_value text not null,
    survivor_type text not null,
    primary key (kind, authority, value)
);
comment on table raw_ehr.redirect is
'One row per patient identifier, account or visit number that a merge retired, with what it leads to in the end';

create table raw_ehr.facility_code (
    sender_code text primary key,
    known_as text not null
);
comment on table raw_ehr.facility_code is
'One row per MSH-4 that sent an event, with the code that stands for all codes of its facility';

grant select on raw_ehr.redirect, raw_ehr.facility_code to ledgerline_build;
