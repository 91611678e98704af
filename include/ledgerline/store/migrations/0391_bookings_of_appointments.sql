-- What an appointment said, one state after the other, and since when: a forecast is
-- judged by what was known of the schedule. What was folded is folded again from the
-- same events.
truncate raw_ehr.event_identifier, raw_ehr.event;
truncate raw_ehr.folded_visit, raw_ehr.folded_appointment;

alter table raw_ehr.folded_appointment
add column bookings jsonb not null default '[]';
comment on column raw_ehr.folded_appointment.bookings is
'What the appointment said, in order: at, status and starts_at';
