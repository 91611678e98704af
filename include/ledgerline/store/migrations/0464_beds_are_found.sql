-- Who came into a bed is found without reading every message: a step keeps the place that
-- it is about. Hashed, because a place may be longer than what a tree takes.
alter table ops.expected_step add column place jsonb;
comment on column ops.expected_step.place is 'The bed that is to be taken again, as its sender writes it';

create index arrival_in_bed on raw_ehr.record
using hash ((body -> 'visit' -> 'location'))
where resource_type = 'ADT' and body -> 'visit' -> 'location' ->> 'bed' <> '';
alter index raw_ehr.arrival_in_bed alter column 1 set statistics 0;

-- Bed by bed through the index: the planner knows nothing of places, and would read every
-- message for each.
create or replace function ops.bed_evidence()
returns table (instance_id uuid, step text, evidence text)
language sql stable set enable_seqscan = off as $$
    select distinct open.instance_id, open.step, 'another patient came into the bed'
    from ops.expected_step as open
    inner join ops.event as event on open.event_id = event.event_id
    cross join lateral (
        select record.record_id
        from raw_ehr.record as record
        where
            record.resource_type = 'ADT'
            and record.body -> 'visit' -> 'location' ->> 'bed' <> ''
            and record.body -> 'visit' -> 'location' = open.place
            and record.body ->> 'trigger' in ('A01', 'A02', 'A04', 'A06')
        offset 0
    ) as arrival
    cross join lateral (
        select told.*
        from raw_ehr.event as told
        where told.record_id = arrival.record_id
        offset 0
    ) as later
    where
        open.step = 'bed_turnover'
        and open.happened_at is null
        and open.withdrawn_at is null
        and later.subject = 'visit'
        and later.sending_facility = event.sending_facility
        and later.subject_id <> event.subject_id
        and not later.is_waiting
        and later.happened_at >= event.happened_at
$$;
