-- name: emit_completions
-- A visit's last event says whether it counts as ended; only a change is an event.
with asked as (
    select distinct visit.sending_facility, visit.visit_number
    from
        unnest(%(facilities)s::text [], %(numbers)s::text [])
            as visit (sending_facility, visit_number)
),

compared as (
    select
        asked.*,
        coalesce(folded.status = 'finished', false) as is_finished,
        coalesce(last.kind = 'encounter_completed', false) as is_said,
        coalesce(last.number, 0) + 1 as number,
        coalesce(nullif(folded.account_number, ''), asked.visit_number)
            as account_number,
        folded.discharged_at,
        coalesce(folded.last_record_id, last.record_id) as record_id
    from asked
    left join raw_ehr.folded_visit as folded using (sending_facility, visit_number)
    left join lateral (
        select
            event.kind,
            event.record_id,
            count(*) over () as number
        from ops.event as event
        where
            event.subject = 'visit'
            and event.sending_facility = asked.sending_facility
            and event.subject_id = asked.visit_number
            and event.kind in ('encounter_completed', 'completion_withdrawn')
        order by event.event_id desc
        limit 1
    ) as last on true
),

emitted as (
    insert into ops.event (
        event_key, kind, subject, sending_facility, subject_id, account_number,
        happened_at, zone, record_id
    )
    select
        concat_ws(
            '|', 'visit', compared.sending_facility, compared.visit_number,
            compared.number
        ),
        case
            when compared.is_finished then 'encounter_completed'
            else 'completion_withdrawn'
        end,
        'visit',
        compared.sending_facility,
        compared.visit_number,
        compared.account_number,
        case
            when compared.is_finished
                then coalesce(compared.discharged_at, clock_timestamp())
            else clock_timestamp()
        end,
        'ehr',
        compared.record_id
    from compared
    where compared.is_finished <> compared.is_said
    order by compared.sending_facility, compared.visit_number
    on conflict (event_key) do nothing
    returning event_id, kind, happened_at
)

-- name: queue_emitted
-- Follows each of the emit_ statements: what is new is queued for its handlers; an event
-- dated ahead waits for its time.
, queued as (
    insert into ops.event_delivery (event_id, handler, next_at)
    select
        emitted.event_id,
        queue.handler,
        case
            when emitted.happened_at > clock_timestamp() + %(ahead)s
                then emitted.happened_at
            else clock_timestamp()
        end
    from emitted
    inner join
        unnest(%(kinds)s::text [], %(handlers)s::text []) as queue (kind, handler)
        on emitted.kind = queue.kind
)

select count(*) from emitted;

-- name: sources_to_read
-- Where each source of the zone was read up to, if it has landed anything since.
select
    batch.source,
    max(batch.batch_id) filter (where batch.status <> 'running') as batch_id,
    max(coalesce((state.value ->> 'record_id')::bigint, 0)) as record_id
from ops.landing_batch as batch
left join ops.source_state as state
    on batch.source = state.source and state.key = 'events_emitted'
where batch.zone = %(zone)s
group by batch.source
having
    max(batch.batch_id) > max(coalesce((state.value ->> 'batch_id')::bigint, 0));

-- name: emit_ehr
with landed as (
    select record.*
    from raw_ehr.record as record
    inner join ops.landing_batch as batch on record.batch_id = batch.batch_id
    where
        record.record_id > %(after)s
        and batch.source = %(source)s
        and record.resource_type in ('Encounter', 'SupplyDelivery', 'DFT')
),

supplied as (
    select
        landed.*,
        (
            select nullif(build.reference_id(link.value -> 'valueReference'), '')
            from build.elements(landed.body -> 'extension') as link (value)
            where link.value ->> 'url' like '%%/encounter-associatedEncounter'
            order by link.value
            limit 1
        ) as encounter_id
    from landed
    where
        landed.resource_type = 'SupplyDelivery'
        and coalesce(landed.body ->> 'status', 'completed') = 'completed'
),

numbered as (
    select
        asked.resource_id,
        max(number.value ->> 'value') filter (
            where number.value -> 'type' -> 'coding' @> '[{"code": "AN"}]'
        ) as account_number,
        max(number.value ->> 'value') filter (
            where number.value -> 'type' -> 'coding' @> '[{"code": "VN"}]'
        ) as visit_number
    from (
        select landed.resource_id from landed where landed.resource_type = 'Encounter'
        union
        select supplied.encounter_id from supplied
    ) as asked
    inner join raw_ehr.record as told
        on
            told.resource_type = 'Encounter'
            and asked.resource_id = told.resource_id
    cross join lateral build.elements(told.body -> 'identifier') as number (value)
    group by asked.resource_id
),

stay as (
    select distinct on (landed.resource_id)
        landed.resource_id,
        landed.record_id,
        landed.received_at,
        landed.body ->> 'status' as status,
        ops.told_instant(landed.body -> 'period' ->> 'end') as ended_at
    from landed
    where landed.resource_type = 'Encounter'
    order by landed.resource_id, landed.record_id desc
),

ended as (
    select
        concat_ws('|', 'encounter', stay.resource_id, coalesce(last.number, 0) + 1)
            as event_key,
        case
            when stay.status = 'finished' then 'encounter_completed'
            else 'completion_withdrawn'
        end as kind,
        'encounter' as subject,
        '' as sending_facility,
        stay.resource_id as subject_id,
        coalesce(numbered.account_number, numbered.visit_number, '')
            as account_number,
        case
            when stay.status = 'finished' then coalesce(stay.ended_at, stay.received_at)
            else stay.received_at
        end as happened_at,
        stay.record_id
    from stay
    left join numbered using (resource_id)
    left join lateral (
        select event.kind, count(*) over () as number
        from ops.event as event
        where
            event.subject = 'encounter'
            and event.sending_facility = ''
            and event.subject_id = stay.resource_id
            and event.kind in ('encounter_completed', 'completion_withdrawn')
        order by event.event_id desc
        limit 1
    ) as last on true
    where
        coalesce(stay.status = 'finished', false)
        <> coalesce(last.kind = 'encounter_completed', false)
),

used as (
    select
        concat_ws('|', 'supply_used', supplied.record_id) as event_key,
        'supply_used' as kind,
        case
            when supplied.encounter_id is null then 'delivery' else 'encounter'
        end as subject,
        '' as sending_facility,
        coalesce(supplied.encounter_id, supplied.resource_id) as subject_id,
        coalesce(numbered.account_number, numbered.visit_number, '')
            as account_number,
        coalesce(
            ops.told_instant(supplied.body ->> 'occurrenceDateTime'),
            supplied.received_at
        ) as happened_at,
        supplied.record_id
    from supplied
    left join numbered on supplied.encounter_id = numbered.resource_id
),

charged as (
    select
        concat_ws('|', 'charges_received', landed.record_id) as event_key,
        'charges_received' as kind,
        'visit' as subject,
        coalesce(
            nullif(facility.known_as, ''), landed.body ->> 'sending_facility', ''
        ) as sending_facility,
        number.visit_number as subject_id,
        coalesce(number.account_number, number.visit_number) as account_number,
        coalesce(
            ops.told_instant(landed.body ->> 'event_at'), landed.received_at
        ) as happened_at,
        landed.record_id
    from landed
    left join raw_ehr.facility_code as facility
        on landed.body ->> 'sending_facility' = facility.sender_code
    cross join lateral (
        select
            coalesce(
                nullif(landed.body -> 'visit' ->> 'visit_number', ''),
                nullif(landed.body -> 'patient' ->> 'account_number', '')
            ) as visit_number,
            nullif(landed.body -> 'patient' ->> 'account_number', '') as account_number
    ) as number
    where landed.resource_type = 'DFT' and number.visit_number is not null
),

found as (
    select * from ended
    union all
    select * from used
    union all
    select * from charged
),

emitted as (
    insert into ops.event (
        event_key, kind, subject, sending_facility, subject_id, account_number,
        happened_at, zone, record_id
    )
    select
        found.event_key, found.kind, found.subject, found.sending_facility,
        found.subject_id, found.account_number, found.happened_at, 'ehr',
        found.record_id
    from found
    order by found.record_id
    on conflict (event_key) do nothing
    returning event_id, kind, happened_at
)

-- name: emit_billing
-- An 835 is here when it is here: the day on which the payer pays may be ahead.
with emitted as (
    insert into ops.event (
        event_key, kind, subject, subject_id, happened_at, zone, record_id
    )
    select
        concat_ws('|', 'remittance_received', record.record_id),
        'remittance_received',
        'remittance',
        record.resource_id,
        record.received_at,
        'billing',
        record.record_id
    from raw_billing.record as record
    inner join ops.landing_batch as batch on record.batch_id = batch.batch_id
    where
        record.record_id > %(after)s
        and batch.source = %(source)s
        and record.resource_type = '835.transaction'
    order by record.record_id
    on conflict (event_key) do nothing
    returning event_id, kind, happened_at
)

-- name: note_read_ehr
insert into ops.source_state (source, key, value)
select
    %(source)s,
    'events_emitted',
    jsonb_build_object(
        'batch_id', %(batch_id)s::bigint,
        'record_id', greatest(%(after)s::bigint, max(record.record_id))
    )
from raw_ehr.record as record
inner join ops.landing_batch as batch on record.batch_id = batch.batch_id
where
    record.record_id > %(after)s
    and batch.source = %(source)s
    and %(zone)s = 'ehr'
on conflict (source, key) do update
set value = excluded.value, saved_at = clock_timestamp();

-- name: note_read_billing
insert into ops.source_state (source, key, value)
select
    %(source)s,
    'events_emitted',
    jsonb_build_object(
        'batch_id', %(batch_id)s::bigint,
        'record_id', greatest(%(after)s::bigint, max(record.record_id))
    )
from raw_billing.record as record
inner join ops.landing_batch as batch on record.batch_id = batch.batch_id
where
    record.record_id > %(after)s
    and batch.source = %(source)s
    and %(zone)s = 'billing'
on conflict (source, key) do update
set value = excluded.value, saved_at = clock_timestamp();

-- name: take_turn
select pg_advisory_lock(hashtext('ledgerline.events.workflow'));

-- name: waiting
select delivery.event_id
from ops.event_delivery as delivery
where
    delivery.handler = %(handler)s
    and delivery.state = 'waiting'
    and delivery.next_at <= clock_timestamp()
order by delivery.event_id
limit %(limit)s;

-- name: note_done
update ops.event_delivery
set state = 'done', handled_at = clock_timestamp(), error_code = ''
where handler = %(handler)s and event_id = any(%(events)s::bigint []);

-- name: note_error
-- One, two, four … minutes until the next try.
update ops.event_delivery
set
    attempts = attempts + 1,
    error_code = %(code)s,
    next_at = clock_timestamp() + make_interval(mins => (2 ^ least(attempts, 8))::int),
    state = case when attempts + 1 >= %(tries)s then 'failed' else 'waiting' end
where handler = %(handler)s and event_id = %(event)s
returning state = 'failed';

-- name: put_off
update ops.event_delivery
set next_at = greatest(next_at, clock_timestamp() + %(pause)s)
where handler = %(handler)s and state = 'waiting';

-- name: retry
-- An event that waits for its time goes on waiting.
update ops.event_delivery as delivery
set state = 'waiting', attempts = 0, next_at = clock_timestamp()
from ops.event as event
where
    delivery.event_id = event.event_id
    and delivery.handler = %(handler)s
    and delivery.state <> 'done'
    and event.happened_at <= clock_timestamp() + interval '5 minutes';

-- name: expect
select ops.expect_step(%(step)s, %(events)s);

-- name: withdraw
update ops.expected_step as step
set withdrawn_at = clock_timestamp()
from ops.event as event
inner join ops.workflow_subject as subject
    using (subject, sending_facility, subject_id)
inner join ops.event as reason
    using (subject, sending_facility, subject_id)
where
    event.event_id = any(%(events)s::bigint [])
    and step.instance_id = subject.instance_id
    and step.event_id = reason.event_id
    and reason.kind = 'encounter_completed'
    and reason.event_id < event.event_id
    and step.happened_at is null
    and step.withdrawn_at is null;

-- name: left_beds
-- A bed that was left longer ago than it may take was taken again, or nobody waits.
select event.event_id
from ops.event as event
inner join ops.step_rule as rule on rule.step = 'bed_turnover'
where
    event.event_id = any(%(events)s::bigint [])
    and event.subject = 'visit'
    and event.happened_at > event.emitted_at - rule.patience
    and ops.bed_of_visit(event.sending_facility, event.subject_id) is not null;

-- name: note_places
update ops.expected_step as step
set place = ops.bed_of_visit(event.sending_facility, event.subject_id)
from ops.event as event
where
    step.step = 'bed_turnover'
    and step.event_id = event.event_id
    and event.event_id = any(%(events)s::bigint []);

-- name: with_orders
select event.event_id
from ops.event as event
where
    event.event_id = any(%(events)s::bigint [])
    and event.account_number <> ''
    and exists (
        select from raw_ehr.record as record
        where
            record.resource_type in ('RDE', 'RDS')
            and coalesce(
                nullif(record.body -> 'patient' ->> 'account_number', ''),
                record.body -> 'visit' ->> 'visit_number'
            ) = event.account_number
    );

-- name: after_discharge
select event.event_id
from ops.event as event
left join raw_ehr.folded_visit as folded
    on
        event.sending_facility = folded.sending_facility
        and event.subject_id = folded.visit_number
where
    event.event_id = any(%(events)s::bigint [])
    and coalesce(folded.status, 'finished') = 'finished';

-- name: observe
select ops.observe_steps();

-- name: stuck
select
    work,
    owner,
    count(*),
    min(since),
    min(what),
    min(next_action)
from ops.stuck_work
group by work, owner
order by min(since);

-- name: queues
select handler, waiting_count, retried_count, failed_count, since
from ops.handler_queue
order by handler;

-- name: count_waiting
select
    (
        select count(*) from ops.event_delivery
        where state = 'waiting' and next_at <= clock_timestamp()
    ) + (
        select count(*) from raw_ehr.inbox
        where file_id is null
    );
