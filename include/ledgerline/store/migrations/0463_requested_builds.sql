-- Events ask for a build once, until one begins.
alter table build.state add column requested_at timestamptz;
comment on column build.state.requested_at is
'When events asked last for a build; answered by one that started later';
create index event_of_record on ops.event (zone, record_id);
