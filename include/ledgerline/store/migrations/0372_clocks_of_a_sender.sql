-- A time that HL7 v2 tells without an offset is one of the facility's clocks.
alter table raw_ehr.facility_code
add column time_zone text not null default 'UTC';
comment on column raw_ehr.facility_code.time_zone is
'Time zone by which its times without an offset were read';
