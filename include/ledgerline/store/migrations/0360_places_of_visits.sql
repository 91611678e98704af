-- Where a patient was, one place after the other, and since when a visit that began as
-- another is inpatient. What was folded is folded again from the same events.
truncate raw_ehr.event_identifier, raw_ehr.event;
truncate raw_ehr.folded_visit, raw_ehr.folded_appointment;

alter table raw_ehr.folded_visit
add column inpatient_at timestamptz,
add column places jsonb not null default '[]';
comment on column raw_ehr.folded_visit.inpatient_at is
'When a visit of another class became an inpatient stay; null where it was one from the start, or is none';
comment on column raw_ehr.folded_visit.places is
'The units that admissions and transfers name, in order: at, and unit as the sender writes it';
