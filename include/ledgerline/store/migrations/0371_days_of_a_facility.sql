-- A stay begins and ends on a day of its facility's clocks, wherever the server stands.
alter table reference.facility
add column time_zone text not null default 'UTC'
check ((timestamptz '2000-01-01 00:00+00' at time zone time_zone) is not null);
comment on column reference.facility.time_zone is
'Time zone of the facility by its IANA name: when its days begin';
