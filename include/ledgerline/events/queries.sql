-- name: take_turn
-- One fold at a time; held until the connection closes.
select pg_advisory_lock(hashtext('ledgerline.events'));

-- name: unfolded
-- Landed events that no fold has read. By absence, not by a highest number: a record
-- that commits late is not lost. A fold looks at each number once: what commits late
-- behind the numbers it has read is read by the next fold.
select
    record.record_id,
    record.resource_id,
    record.body::text,
    coalesce(facility.known_as, ''),
    coalesce(facility.time_zone, 'UTC')
from raw_ehr.record as record
left join raw_ehr.facility_code as facility
    on record.body ->> 'sending_facility' = facility.sender_code
where
    record.resource_type in ('ADT', 'SIU')
    and record.record_id > %(after)s
    and not exists (
        select from raw_ehr.event as event
        where event.record_id = record.record_id
    )
order by record.record_id
limit %(limit)s;

-- name: insert_event
insert into raw_ehr.event (
    record_id, subject, sending_facility, subject_id, happened_at, is_waiting
)
values (
    %(record_id)s, %(subject)s, %(sending_facility)s, %(subject_id)s,
    %(happened_at)s, %(is_waiting)s
);

-- name: insert_identifier
insert into raw_ehr.event_identifier (record_id, kind, authority, value)
values (%(record_id)s, %(kind)s, %(authority)s, %(value)s)
on conflict do nothing;

-- name: release_due
-- Events whose time has come.
update raw_ehr.event
set is_waiting = false
where is_waiting and happened_at <= %(horizon)s
returning subject, sending_facility, subject_id;

-- name: merges
select
    record.record_id,
    record.resource_id,
    record.body::text,
    event.sending_facility,
    coalesce(facility.time_zone, 'UTC')
from raw_ehr.event as event
inner join raw_ehr.record as record on event.record_id = record.record_id
left join raw_ehr.facility_code as facility
    on record.body ->> 'sending_facility' = facility.sender_code
where event.subject = 'merge' and not event.is_waiting;

-- name: known
-- Which of these identifiers an event shows that is no merge.
select distinct shown.kind, shown.authority, shown.value
from raw_ehr.event_identifier as shown
inner join raw_ehr.event as event on shown.record_id = event.record_id
inner join
    unnest(
        %(kinds)s::text [], %(authorities)s::text [], %(values)s::text []
    ) as asked (kind, authority, value)
    on
        shown.kind = asked.kind
        and shown.authority = asked.authority
        and shown.value = asked.value
where event.subject <> 'merge' and not event.is_waiting;

-- name: redirects
select kind, authority, value, survivor_authority, survivor_value, survivor_type
from raw_ehr.redirect;

-- name: drop_redirect
delete from raw_ehr.redirect
where kind = %(kind)s and authority = %(authority)s and value = %(value)s;

-- name: put_redirect
insert into raw_ehr.redirect (
    kind, authority, value, survivor_authority, survivor_value, survivor_type
)
values (
    %(kind)s, %(authority)s, %(value)s, %(survivor_authority)s, %(survivor_value)s,
    %(survivor_type)s
)
on conflict (kind, authority, value) do update set
survivor_authority = excluded.survivor_authority,
survivor_value = excluded.survivor_value,
survivor_type = excluded.survivor_type;

-- name: count_merges
-- Note which merges count; return those that did not before, or do no longer.
update raw_ehr.event
set is_counted = not is_counted
where
    subject = 'merge'
    and is_counted <> (record_id = any(%(record_ids)s::bigint []))
returning record_id;

-- name: subjects_of
-- Visits and appointments that show one of these identifiers.
select distinct event.subject, event.sending_facility, event.subject_id
from raw_ehr.event_identifier as shown
inner join raw_ehr.event as event on shown.record_id = event.record_id
inner join
    unnest(
        %(kinds)s::text [], %(authorities)s::text [], %(values)s::text []
    ) as asked (kind, authority, value)
    on
        shown.kind = asked.kind
        and shown.authority = asked.authority
        and shown.value = asked.value
where event.subject in ('visit', 'appointment');

-- name: facility_codes
-- Every code that sent an event and the one that stands for it now, with the facility
-- that the crosswalk gives it: none, if it names several over time.
with sent as (
    select facility.sender_code, facility.known_as, facility.time_zone
    from raw_ehr.facility_code as facility
    union
    select distinct seen.sender_code, '' as known_as, 'UTC' as time_zone
    from (
        select event.sending_facility as sender_code
        from raw_ehr.event as event
        union all
        select record.body ->> 'sending_facility' as sender_code
        from raw_ehr.record as record
        where
            record.resource_type in ('ADT', 'SIU')
            and not exists (
                select from raw_ehr.event as event
                where event.record_id = record.record_id
            )
    ) as seen
    where
        seen.sender_code <> ''
        and not exists (
            select from raw_ehr.facility_code as known
            where known.sender_code = seen.sender_code
        )
)

select
    sent.sender_code,
    sent.known_as,
    sent.time_zone,
    case
        when min(mapping.canonical_code) = max(mapping.canonical_code)
            then min(mapping.canonical_code)
    end as facility_code,
    case
        when min(mapping.canonical_code) = max(mapping.canonical_code)
            then min(facility.time_zone)
    end as facility_time_zone
from sent
left join reference.mapping as mapping
    on
        sent.sender_code = mapping.native_code
        and mapping.code_set = 'facility'
        and mapping.source_system = 'ehr'
left join reference.facility as facility
    on mapping.canonical_code = facility.facility_code
group by sent.sender_code, sent.known_as, sent.time_zone;

-- name: put_facility_code
insert into raw_ehr.facility_code (sender_code, known_as, time_zone)
values (%(sender_code)s, %(known_as)s, %(time_zone)s)
on conflict (sender_code) do update
set known_as = excluded.known_as, time_zone = excluded.time_zone;

-- name: forget_identifiers
delete from raw_ehr.event_identifier as shown
using raw_ehr.event as event
where
    shown.record_id = event.record_id
    and event.sending_facility = any(%(facilities)s::text []);

-- name: forget_events
delete from raw_ehr.event where sending_facility = any(%(facilities)s::text []);

-- name: forget_visits
delete from raw_ehr.folded_visit where sending_facility = any(%(facilities)s::text [])
returning sending_facility, visit_number;

-- name: forget_appointments
delete from raw_ehr.folded_appointment
where sending_facility = any(%(facilities)s::text []);

-- name: events_of
select
    event.subject,
    event.sending_facility,
    event.subject_id,
    record.record_id,
    record.resource_id,
    record.body::text,
    event.sending_facility,
    coalesce(facility.time_zone, 'UTC')
from raw_ehr.event as event
inner join
    unnest(
        %(subjects)s::text [], %(facilities)s::text [], %(ids)s::text []
    ) as asked (subject, sending_facility, subject_id)
    on
        event.subject = asked.subject
        and event.sending_facility = asked.sending_facility
        and event.subject_id = asked.subject_id
inner join raw_ehr.record as record on event.record_id = record.record_id
left join raw_ehr.facility_code as facility
    on record.body ->> 'sending_facility' = facility.sender_code
where not event.is_waiting;

-- name: put_visit
insert into raw_ehr.folded_visit as folded (
    sending_facility, visit_number, patient_class, status, admitted_at,
    discharged_at, discharge_disposition, department_native_code, account_number,
    patient_identifiers, inpatient_at, places, event_count, last_record_id,
    content_sha256, provisional_since
)
values (
    %(sending_facility)s, %(visit_number)s, %(patient_class)s, %(status)s,
    %(admitted_at)s, %(discharged_at)s, %(discharge_disposition)s,
    %(department_native_code)s, %(account_number)s, %(patient_identifiers)s,
    %(inpatient_at)s, %(places)s, %(event_count)s, %(last_record_id)s,
    %(content_sha256)s,
    case when %(status)s::text = 'provisional' then %(now)s::timestamptz end
)
on conflict (sending_facility, visit_number) do update set
patient_class = excluded.patient_class,
status = excluded.status,
admitted_at = excluded.admitted_at,
discharged_at = excluded.discharged_at,
discharge_disposition = excluded.discharge_disposition,
department_native_code = excluded.department_native_code,
account_number = excluded.account_number,
patient_identifiers = excluded.patient_identifiers,
inpatient_at = excluded.inpatient_at,
places = excluded.places,
event_count = excluded.event_count,
last_record_id = excluded.last_record_id,
content_sha256 = excluded.content_sha256,
folded_at = clock_timestamp(),
provisional_since = case
    when excluded.status = 'provisional'
        then coalesce(folded.provisional_since, excluded.provisional_since)
end
where
    (folded.content_sha256, folded.event_count, folded.last_record_id)
    is distinct from
    (excluded.content_sha256, excluded.event_count, excluded.last_record_id);

-- name: drop_visit
delete from raw_ehr.folded_visit
where sending_facility = %(sending_facility)s and visit_number = %(visit_number)s;

-- name: put_appointment
insert into raw_ehr.folded_appointment as folded (
    sending_facility, appointment_id, placer_id, filler_id, status, starts_at,
    ends_at, duration_minutes, reason_code, visit_number, account_number,
    patient_identifiers, resources, bookings, event_count, last_record_id,
    content_sha256
)
values (
    %(sending_facility)s, %(appointment_id)s, %(placer_id)s, %(filler_id)s,
    %(status)s, %(starts_at)s, %(ends_at)s, %(duration_minutes)s, %(reason_code)s,
    %(visit_number)s, %(account_number)s, %(patient_identifiers)s, %(resources)s,
    %(bookings)s, %(event_count)s, %(last_record_id)s, %(content_sha256)s
)
on conflict (sending_facility, appointment_id) do update set
placer_id = excluded.placer_id,
filler_id = excluded.filler_id,
status = excluded.status,
starts_at = excluded.starts_at,
ends_at = excluded.ends_at,
duration_minutes = excluded.duration_minutes,
reason_code = excluded.reason_code,
visit_number = excluded.visit_number,
account_number = excluded.account_number,
patient_identifiers = excluded.patient_identifiers,
resources = excluded.resources,
bookings = excluded.bookings,
event_count = excluded.event_count,
last_record_id = excluded.last_record_id,
content_sha256 = excluded.content_sha256,
folded_at = clock_timestamp()
where
    (folded.content_sha256, folded.event_count, folded.last_record_id)
    is distinct from
    (excluded.content_sha256, excluded.event_count, excluded.last_record_id);

-- name: waiting
-- Events whose time is still to come, and visits that wait too long for their A01.
select event.record_id from raw_ehr.event as event
where event.is_waiting
union
select visit.last_record_id from raw_ehr.folded_visit as visit
where visit.provisional_since <= %(overdue)s;

-- name: unattributed
select event.record_id from raw_ehr.event as event where event.subject = 'unknown';
