-- name: take_turn
-- One build at a time decides what it looks at.
select pg_advisory_xact_lock(hashtext('ledgerline.build'));

-- name: try_turn_of_events
select pg_try_advisory_lock(hashtext('ledgerline.event_build'));

-- name: await_turn_of_events
-- Held no longer than this statement.
select pg_advisory_xact_lock(hashtext('ledgerline.event_build'));

-- name: patience
set local lock_timeout = '60s';

-- name: wait_for_landings
-- A number below the highest one may belong to a landing that has not committed yet:
-- wait for those that write now, and let nobody write while the marks are read.
lock table
    raw_ehr.record, raw_ehr.sighting, raw_ehr.vanishing,
    raw_billing.record, raw_billing.sighting, raw_billing.vanishing,
    raw_erp.record, raw_erp.sighting, raw_erp.vanishing
in share mode;

-- name: marks
select jsonb_object_agg(mark.name, coalesce(mark.value, 0))
from (
    values
    ('ehr_record', (select max(record_id) from raw_ehr.record)),
    ('ehr_sighting', (select max(sighting_id) from raw_ehr.sighting)),
    ('ehr_vanishing', (select max(vanishing_id) from raw_ehr.vanishing)),
    ('billing_record', (select max(record_id) from raw_billing.record)),
    ('billing_sighting', (select max(sighting_id) from raw_billing.sighting)),
    ('billing_vanishing', (select max(vanishing_id) from raw_billing.vanishing)),
    ('erp_record', (select max(record_id) from raw_erp.record)),
    ('erp_sighting', (select max(sighting_id) from raw_erp.sighting)),
    ('erp_vanishing', (select max(vanishing_id) from raw_erp.vanishing)),
    ('day', current_date - '2000-01-01'::date),
    (
        'appointments',
        (
            select
                sum(
                    hashtextextended(
                        concat_ws(
                            '|', sending_facility, appointment_id, last_record_id,
                            encode(content_sha256, 'hex'), folded_at
                        ),
                        0
                    )
                )
            from raw_ehr.folded_appointment
        )
    )
) as mark (name, value);

-- name: state
select status, marks, inputs, is_increment, current_date - full_on from build.state;

-- name: reference_tables
-- The customer's tables; those that dbt loads are part of the code. Of changes to
-- mappings those that are approved count: they stand in the view `mapping`.
select tablename from pg_catalog.pg_tables
where
    schemaname = 'reference'
    and tableowner <> 'ledgerline_build'
    and tablename not like 'changeset%'
union
select 'mapping'
order by tablename;

-- name: content
select md5(coalesce(string_agg(kept::text, '|' order by kept::text), ''))
from reference.{table} as kept;

-- name: calendar
-- What the day of the build decides: who is over 89, which dated cost prices have begun,
-- and which mappings, departments, payers and cost centers hold today.
select
    extract(year from current_date)::text
    || (
        select count(*)::text
        from raw_erp.current_record
        where
            resource_type = 'product.cost_price.revision'
            and replace(left(body ->> 'date', 10), '-', '')
            <= to_char(current_date, 'YYYYMMDD')
    )
    || md5(coalesce(string_agg(dated.content, '|' order by dated.content), ''))
from (
    select valid_from, valid_to, mapping::text as content from reference.mapping
    union all
    select valid_from, valid_to, department::text from reference.department
    union all
    select valid_from, valid_to, payer::text from reference.payer
    union all
    select valid_from, valid_to, cost_center::text from reference.cost_center
) as dated
where
    current_date >= dated.valid_from
    and current_date < coalesce(dated.valid_to, 'infinity'::date);

-- name: open_build
update build.state
set
    status = 'running',
    is_increment = %(is_increment)s,
    reason = %(reason)s,
    marks = %(marks)s,
    inputs = %(inputs)s,
    full_on = case when %(is_increment)s then full_on else current_date end,
    started_at = clock_timestamp(),
    finished_at = null;

-- name: request_build
-- At once for what senders deliver message by message. What folders and servers offer
-- comes with its extract, and its build; where that does not begin, because another
-- extract failed or is not due, it asks as well. A request that led to no build is made
-- again after half an hour. A build that began so long ago and did not end was killed,
-- with events in its marks that nobody sees: they wait for another.
update build.state as state
set requested_at = clock_timestamp()
where
    state.inputs <> jsonb_build_object()
    and (
        state.requested_at is null
        or state.requested_at < state.started_at
        or state.requested_at < clock_timestamp() - interval '30 minutes'
    )
    and (
        (
            state.status = 'running'
            and state.started_at < clock_timestamp() - interval '30 minutes'
        )
        or exists (
            select
            from ops.event as event
            where
                event.record_id > (state.marks ->> concat(event.zone, '_record'))::bigint
                and (
                    event.emitted_at < clock_timestamp() - interval '5 minutes'
                    or exists (
                        select
                        from raw_ehr.record as record
                        inner join ops.landing_batch as batch
                            on record.batch_id = batch.batch_id
                        where
                            event.zone = 'ehr'
                            and record.record_id = event.record_id
                            and batch.source = 'ehr_mllp'
                    )
                )
        )
    );

-- name: taint
update build.state set status = 'tainted' where status = 'running';

-- name: close_build
update build.state
set
    status = case when status = 'running' and %(is_success)s then 'done' else 'failed' end,
    is_increment = false,
    finished_at = clock_timestamp()
where status in ('running', 'tainted');

-- name: clear
truncate
    build.tie, build.folded, build.scope, build.touched, build.news, build.outcome;

-- name: clear_scope
truncate build.scope, build.touched, build.news, build.outcome;

-- name: drop_indexes
drop index if exists build.tie_by_key, build.tie_by_record;

-- name: create_indexes
create index if not exists tie_by_key on build.tie (key);
create index if not exists tie_by_record on build.tie (record_id);
analyze build.tie;

-- name: tie_billing
-- A claim, its answers and its payments share the account number or a payer's number; a
-- 999 answers all claims of its group, which does not tie these to each other, and
-- neither does the provider, who is looked up.
insert into build.tie (zone, record_id, key, is_directed)
select
    'raw_billing', record.record_id, hashtextextended(link.key, 0), link.is_directed
from raw_billing.record as record
cross join lateral (
    select upper(btrim(coalesce(record.body ->> 'account_number', 'unmapped')))
        as account_number
) as told
cross join lateral (
    values
    ('number|' || told.account_number, false),
    (
        'number|' || nullif(
            upper(btrim(split_part(record.body ->> 'claim_id', '|', 2))),
            told.account_number
        ),
        false
    ),
    ('payer|' || nullif(record.body ->> 'original_reference', ''), false),
    ('payer|' || nullif(record.body ->> 'payer_claim_control_number', ''), false),
    (
        case
            when record.resource_type = '837.claim'
                then 'provider|' || coalesce(
                    nullif(record.body ->> 'rendering_npi', ''),
                    nullif(record.body ->> 'attending_npi', '')
                )
        end,
        true
    ),
    (
        case
            when record.resource_type = '837.claim'
                then concat_ws(
                    '|',
                    'set',
                    record.body #>> '{{transaction_set,sender_id}}',
                    record.body #>> '{{transaction_set,receiver_id}}',
                    record.body #>> '{{transaction_set,group_control_number}}'
                )
        end,
        true
    )
) as link (key, is_directed)
where
    record.record_id > %(low)s
    and record.record_id <= %(high)s
    and record.resource_type in ('837.claim', '835.claim', '277CA.claim')
    and link.key is not null;

-- name: tie_ehr
-- Encounters, posted charges and supplies share account, visit or encounter, and stays
-- of a patient a day: of whatever time zone, it is of two days by UTC that follow each
-- other. Who attends and who is treated is looked up.
insert into build.tie (zone, record_id, key, is_directed)
select
    'raw_ehr', record.record_id, hashtextextended(link.key, 0), link.is_directed
from raw_ehr.record as record
cross join lateral (
    select
        'encounter|' || record.resource_id as key,
        false as is_directed
    union all
    select
        'number|' || upper(btrim(identifier.value ->> 'value')) as key,
        false as is_directed
    from build.elements(record.body -> 'identifier') as identifier (value)
    union all
    select
        'patient|' || build.reference_id(record.body -> 'subject') as key,
        true as is_directed
    union all
    select
        'provider|' || build.reference_id(part.value -> 'individual') as key,
        true as is_directed
    from build.elements(record.body -> 'participant') as part (value)
    union all
    select
        'stay|' || build.reference_id(record.body -> 'subject') || '|' || day.value
            as key,
        false as is_directed
    from unnest(array[
        build.utc_day(record.body #>> '{{period,start}}'),
        build.utc_day(record.body #>> '{{period,end}}')
    ]) as moment (utc_day)
    cross join lateral unnest(array[moment.utc_day, moment.utc_day + 1]) as day (value)
    where record.body #>> '{{class,code}}' in ('IMP', 'ACUTE', 'NONAC')
) as link
where
    record.record_id > %(low)s
    and record.record_id <= %(high)s
    and record.resource_type = 'Encounter'
    and link.key is not null
union all
select
    'raw_ehr',
    record.record_id,
    hashtextextended(
        'encounter|' || build.reference_id(link.value -> 'valueReference'), 0
    ),
    false
from raw_ehr.record as record
cross join lateral build.elements(record.body -> 'extension') as link (value)
where
    record.record_id > %(low)s
    and record.record_id <= %(high)s
    and record.resource_type = 'SupplyDelivery'
    and build.reference_id(link.value -> 'valueReference') is not null
union all
select
    'raw_ehr',
    record.record_id,
    hashtextextended('number|' || upper(btrim(numbered.value)), 0),
    false
from raw_ehr.record as record
cross join lateral unnest(array[
    record.body #>> '{{patient,account_number}}',
    record.body #>> '{{visit,visit_number}}'
]) as numbered (value)
where
    record.record_id > %(low)s
    and record.record_id <= %(high)s
    and record.resource_type = 'DFT'
    and numbered.value is not null;

-- name: tie_versions
-- What is told anew is tied to what was told before.
insert into build.tie (zone, record_id, key, is_directed)
select
    %(zone)s,
    version.record_id,
    hashtextextended(
        'version|' || version.resource_type || '|' || version.resource_id, 0
    ),
    false
from (
    select
        record.record_id,
        record.resource_type,
        record.resource_id,
        count(*) over of_resource as version_count,
        max(record.record_id) over of_resource as last_record_id
    from {zone}.record as record
    where
        record.record_id <= %(high)s
        and (
            %(low)s = 0
            or (record.resource_type, record.resource_id) in (
                select new.resource_type, new.resource_id
                from {zone}.record as new
                where new.record_id > %(low)s and new.record_id <= %(high)s
            )
        )
    window of_resource as (partition by record.resource_type, record.resource_id)
) as version
where version.version_count > 1 and version.last_record_id > %(low)s;

-- name: look_at_folded
-- What the fold says now, in the form in which the build before kept it.
drop table if exists folded_now, folded_change;
create temporary table folded_now on commit drop as
select
    'visit' as subject,
    visit.sending_facility || '|' || visit.visit_number as subject_id,
    concat_ws(
        '|', encode(visit.content_sha256, 'hex'), visit.last_record_id, visit.folded_at
    ) as version,
    visit.last_record_id as record_id,
    array[visit.account_number, visit.visit_number] as numbers,
    visit.patient_identifiers
from raw_ehr.folded_visit as visit
union all
select
    'redirect' as subject,
    redirect.authority || '|' || redirect.value as subject_id,
    redirect.survivor_authority || '|' || redirect.survivor_value as version,
    hashtextextended(redirect.authority || '|' || redirect.value, 0) as record_id,
    array[redirect.value, redirect.survivor_value] as numbers,
    null::jsonb as patient_identifiers
from raw_ehr.redirect as redirect
where redirect.kind = 'account';

-- name: compare_folded
create temporary table folded_change on commit drop as
select
    coalesce(now.subject, seen.subject) as subject,
    coalesce(now.subject_id, seen.subject_id) as subject_id,
    seen.record_id as record_id_before,
    now.record_id,
    now.numbers,
    now.patient_identifiers
from folded_now as now
full outer join build.folded as seen
    on now.subject = seen.subject and now.subject_id = seen.subject_id
where now.version is distinct from seen.version;

-- name: tie_folded
insert into build.tie (zone, record_id, key, is_directed)
select
    case changed.subject when 'visit' then 'raw_ehr' else 'redirect' end,
    changed.record_id,
    hashtextextended(link.key, 0),
    link.is_directed
from folded_change as changed
cross join lateral (
    select
        'number|' || upper(btrim(numbered.value)) as key,
        false as is_directed
    from unnest(changed.numbers) as numbered (value)
    where numbered.value <> ''
    union all
    select
        'identifier|' || (identifier.value ->> 'value') as key,
        true as is_directed
    from build.elements(changed.patient_identifiers) as identifier (value)
) as link
where changed.record_id is not null and link.key is not null;

-- name: keep_folded
delete from build.folded as seen
using folded_change as changed
where seen.subject = changed.subject and seen.subject_id = changed.subject_id;
insert into build.folded (subject, subject_id, version, record_id)
select now.subject, now.subject_id, now.version, now.record_id
from folded_now as now
inner join folded_change as changed
    on now.subject = changed.subject and now.subject_id = changed.subject_id;

-- name: make_changed
create temporary table changed (
    zone text not null,
    record_id bigint not null,
    resource_type text,
    resource_id text
) on commit drop;

-- name: find_changed
-- What is new, was shown again or was deleted since the marks of the build before.
insert into changed
select %(zone)s, record.record_id, record.resource_type, record.resource_id
from {zone}.record as record
where record.record_id > %(record)s
union
select %(zone)s, record.record_id, record.resource_type, record.resource_id
from {zone}.record as record
inner join {zone}.sighting as sighting on record.record_id = sighting.record_id
where sighting.sighting_id > %(sighting)s
union
select %(zone)s, record.record_id, record.resource_type, record.resource_id
from {zone}.record as record
inner join {zone}.vanishing as vanishing
    on
        record.resource_type = vanishing.resource_type
        and record.resource_id = vanishing.resource_id
where vanishing.vanishing_id > %(vanishing)s;

-- name: find_folded
-- What was folded anew, as it is and as it was.
insert into changed
select
    case folded.subject when 'visit' then 'raw_ehr' else 'redirect' end,
    version.record_id
from folded_change as folded
cross join lateral unnest(array[folded.record_id, folded.record_id_before])
    as version (record_id)
where version.record_id is not null;

-- name: changed_types
select resource_type from {zone}.record where record_id > %(record)s
union
select record.resource_type
from {zone}.record as record
inner join {zone}.sighting as sighting on record.record_id = sighting.record_id
where sighting.sighting_id > %(sighting)s
union
select resource_type from {zone}.vanishing where vanishing_id > %(vanishing)s;

-- name: keep_news
insert into build.news (zone, kind)
select %(zone)s, kind from unnest(%(kinds)s::text[]) as news (kind);

-- name: keep_folded_news
insert into build.news (zone, kind)
select distinct
    'raw_ehr',
    case subject when 'visit' then 'folded_visit' else subject end
from folded_change;

-- name: find_dependents
-- What looks up something that changed.
insert into changed
select distinct dependent.zone, dependent.record_id
from (
    select
        concat_ws(
            '|',
            'set',
            answer.body ->> 'receiver_id',
            answer.body ->> 'sender_id',
            answer.body ->> 'group_control_number'
        ) as key
    from changed
    inner join raw_billing.record as answer on changed.record_id = answer.record_id
    where changed.zone = 'raw_billing' and changed.resource_type = '999.group'
    union
    select said.key
    from (
        select resource_type, resource_id
        from changed
        where zone = 'raw_ehr' and resource_type in ('Patient', 'Practitioner')
        union
        select 'Patient', build.reference_id(coverage.body -> 'beneficiary')
        from changed
        inner join raw_ehr.record as coverage
            on
                changed.resource_type = coverage.resource_type
                and changed.resource_id = coverage.resource_id
        where changed.zone = 'raw_ehr' and changed.resource_type = 'Coverage'
    ) as person
    left join raw_ehr.record as version
        on
            person.resource_type = version.resource_type
            and person.resource_id = version.resource_id
    cross join lateral (
        select
            case person.resource_type
                when 'Patient' then 'patient|' else 'provider|'
            end || person.resource_id as key
        union all
        select
            case person.resource_type
                when 'Patient' then 'identifier|' else 'provider|'
            end || (identifier.value ->> 'value') as key
        from build.elements(version.body -> 'identifier') as identifier (value)
    ) as said
) as provided
inner join build.tie as dependent
    on hashtextextended(provided.key, 0) = dependent.key and dependent.is_directed;

-- name: find_scope
-- What changed with everything that is tied to it, however far. How far nobody knows
-- before: by the indexes a step costs what it reaches, otherwise each reads all ties.
analyze changed;
set local enable_hashjoin = off;
set local enable_mergejoin = off;
create temporary table scoped on commit drop as
with recursive reached (key) as (
    select tie.key
    from changed
    inner join build.tie as tie
        on changed.record_id = tie.record_id and changed.zone = tie.zone
    where not tie.is_directed
    union
    select other.key
    from reached
    inner join build.tie as via on reached.key = via.key and not via.is_directed
    inner join build.tie as other
        on
            via.record_id = other.record_id
            and via.zone = other.zone
            and not other.is_directed
)

select
    tie.zone,
    tie.record_id
from reached
inner join build.tie as tie on reached.key = tie.key and not tie.is_directed
union
select
    zone,
    record_id
from changed;
set local enable_hashjoin to default;
set local enable_mergejoin to default;

-- name: keep_scope
insert into build.scope (zone, record_id, is_current)
with version as (
    select
        record.record_id,
        record.resource_type,
        record.resource_id,
        coalesce(
            (
                select max(sighting.seen_at) from {zone}.sighting as sighting
                where sighting.record_id = record.record_id
            ),
            record.received_at
        ) as seen_at
    from scoped
    inner join {zone}.record as record on scoped.record_id = record.record_id
    where scoped.zone = %(zone)s
),

ranked as (
    select
        version.*,
        row_number() over (
            partition by version.resource_type, version.resource_id
            order by version.seen_at desc, version.record_id desc
        ) as age
    from version
)

select
    %(zone)s,
    ranked.record_id,
    ranked.age = 1
    and not exists (
        select from {zone}.vanishing as vanishing
        where
            vanishing.resource_type = ranked.resource_type
            and vanishing.resource_id = ranked.resource_id
            and vanishing.vanished_at > ranked.seen_at
    )
from ranked;

-- name: analyze_scope
analyze build.scope;

-- name: scope_size
select
    (select count(*) from build.scope),
    (select count(*) from build.tie);
