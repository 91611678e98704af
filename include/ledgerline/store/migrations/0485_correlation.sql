-- Every encounter that readers see has an instance: its id correlates all that belongs
-- to it, whether or not an event ever asked for a step.

create index on ops.workflow_subject (subject_id);

-- Give the subjects of one kind that are not known yet an instance: the one that another
-- feed knows by the same account, if there is exactly one, else a new one.
create function ops.open_subjects(
    asked text, facilities text [], ids text [], accounts text []
) returns integer
language plpgsql as $$
declare
    noted integer;
begin
    with found as (
        select distinct on (given.sending_facility, given.subject_id) given.*
        from unnest(facilities, ids, accounts)
            as given (sending_facility, subject_id, account_number)
        where
            not exists (
                select from ops.workflow_subject as known
                where
                    known.subject = asked
                    and known.sending_facility = given.sending_facility
                    and known.subject_id = given.subject_id
            )
        order by given.sending_facility, given.subject_id, given.account_number desc
    ),
    placed as (
        select found.*, coalesce(other.instance_id, gen_random_uuid()) as instance_id
        from found
        left join lateral (
            select min(known.instance_id::text)::uuid as instance_id
            from ops.workflow_subject as known
            where
                found.account_number <> ''
                and known.account_number = found.account_number
                and known.subject in ('visit', 'encounter')
                and known.subject <> asked
            having count(distinct known.instance_id) = 1
        ) as other on true
    ),
    opened as (
        insert into ops.workflow_instance (instance_id)
        select distinct placed.instance_id from placed
        on conflict do nothing
    )
    insert into ops.workflow_subject (
        subject, sending_facility, subject_id, account_number, instance_id
    )
    select
        asked, placed.sending_facility, placed.subject_id,
        placed.account_number, placed.instance_id
    from placed;
    get diagnostics noted = row_count;
    return noted;
end;
$$;

create or replace function ops.open_instances(wanted bigint []) returns void
language plpgsql as $$
declare
    asked text;
begin
    foreach asked in array array['visit', 'encounter', 'delivery', 'remittance']
    loop
        perform ops.open_subjects(
            asked, array_agg(event.sending_facility), array_agg(event.subject_id),
            array_agg(event.account_number)
        )
        from ops.event as event
        where event.event_id = any(wanted) and event.subject = asked;
    end loop;
end;
$$;

create function ops.correlate_encounters() returns integer
language plpgsql as $$
declare
    visits integer;
    encounters integer;
begin
    if to_regclass('conformed.fct_encounter') is null then
        return 0;
    end if;
    select
        ops.open_subjects(
            'visit', array_agg(folded.sending_facility), array_agg(folded.visit_number),
            array_agg(coalesce(nullif(folded.account_number, ''), folded.visit_number))
        ) into visits
    from raw_ehr.folded_visit as folded
    where
        not exists (
            select from ops.workflow_subject as known
            where
                known.subject = 'visit'
                and known.sending_facility = folded.sending_facility
                and known.subject_id = folded.visit_number
        );
    select
        ops.open_subjects(
            'encounter', array_agg(''::text), array_agg(new.encounter_id),
            array_agg(coalesce(number.account_number, number.visit_number, ''))
        ) into encounters
    from (
        select stay.encounter_id::text, stay.record_id
        from conformed.fct_encounter as stay
        where
            stay.has_fhir
            and not exists (
                select from ops.workflow_subject as known
                where
                    known.subject = 'encounter'
                    and known.sending_facility = ''
                    and known.subject_id = stay.encounter_id
            )
    ) as new
    left join raw_ehr.record as told on new.record_id = told.record_id
    cross join lateral (
        select
            max(one.value ->> 'value') filter (
                where one.value -> 'type' -> 'coding' @> '[{"code": "AN"}]'
            ) as account_number,
            max(one.value ->> 'value') filter (
                where one.value -> 'type' -> 'coding' @> '[{"code": "VN"}]'
            ) as visit_number
        from build.elements(told.body -> 'identifier') as one (value)
    ) as number;
    return coalesce(visits, 0) + coalesce(encounters, 0);
end;
$$;
comment on function ops.correlate_encounters is
'Give each visit and encounter that has none an instance; returns how many names were noted';
