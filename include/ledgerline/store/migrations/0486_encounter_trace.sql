-- The chain of an encounter, from the message to the ERP's document and the publication:
-- what is there, with its place in a file, and what is expected and is not.

create index on post.entry_fact (journal_fact_id);
create index on post.stock_fact (supply_usage_id);
create index on raw_ehr.redirect (survivor_value);

create table ops.chain_link (
    link text primary key,
    link_number integer not null unique,
    meaning text not null,
    owner text not null,
    next_action text not null,
    steps text [] not null default '{}'
);
comment on column ops.chain_link.steps is
'Steps that expect the link: while one is not due, the link waits';
comment on table ops.chain_link is
'One row per link of the chain from the message to the publication: what it is, who acts when it is missing';
insert into ops.chain_link (link_number, link, meaning, owner, next_action)
values
(
    1, 'hl7_message', 'What the EHR''s HL7 v2 feed said of the visit', 'integration',
    'ask the interface engine to send the visit''s messages again'
),
(
    2, 'encounter', 'The encounter as the EHR''s FHIR server tells it', 'integration',
    'extract the EHR again; see docs/runbooks/fhir_export_stuck.md'
),
(
    3, 'charge', 'What the encounter was charged', 'revenue_integrity',
    'look at the account''s charges at the EHR'
),
(
    4, 'claim', 'The claim that bills the charges', 'patient_financial_services',
    'look at the account''s hold in billing; release or correct the claim'
),
(
    5, 'remittance', 'The payer''s decision on the claim', 'patient_financial_services',
    'ask the payer for the claim''s status (276)'
),
(
    6, 'adjustment', 'What the payer took off', 'patient_financial_services',
    'ask for the remittance again'
),
(
    7, 'supply_usage', 'What was used on the patient', 'supply_chain',
    'see why the usage is not published: `ledgerline exceptions list`'
),
(
    8, 'supply_issue', 'The stock issue of what was used', 'supply_chain',
    'see what `ledgerline status` holds or rejected, and why'
),
(
    9, 'entry', 'The entry of the outbox that carries the fact', 'finance',
    'see what `ledgerline status` holds or rejected, and why'
),
(
    10, 'erp_document', 'The document in the ERP', 'finance',
    'follow docs/runbooks/posting_stuck.md'
),
(
    11, 'publication', 'The publication that the entry rests on', 'data_engineering',
    'run `ledgerline verify`; see docs/runbooks/gate_closed.md'
),
(
    12, 'step', 'A step that an event expects of the encounter', 'data_engineering',
    'see `ledgerline events list`'
);

update ops.chain_link set steps = '{billing_review}' where link in ('charge', 'claim');
update ops.chain_link set steps = '{consumption_posting,stock_issue}'
where link in ('supply_usage', 'supply_issue');

create function ops.instance_stays(wanted uuid) returns table (
    encounter_id text, facility_code text, record_id bigint, has_fhir boolean,
    has_hl7v2 boolean, is_finished boolean, end_at timestamptz
)
language plpgsql stable as $$
begin
    if to_regclass('conformed.fct_encounter') is null then
        return;
    end if;
    return query
    select
        stay.encounter_id::text, stay.facility_code::text, stay.record_id::bigint,
        stay.has_fhir, stay.has_hl7v2, stay.encounter_status = 'finished',
        stay.end_at::timestamptz
    from conformed.fct_encounter as stay
    where stay.encounter_id in (
        select
            case subject.subject
                when 'encounter' then subject.subject_id
                else 'hl7v2|' || subject.sending_facility || '|' || subject.subject_id
            end
        from ops.workflow_subject as subject
        where
            subject.instance_id = wanted
            and subject.subject in ('encounter', 'visit')
    );
end;
$$;

create type ops.chain_part as (
    link text, natural_key text, parent_link text, parent_key text, state text,
    amount numeric, happened_at timestamptz, zone text, record_id bigint,
    byte_offset bigint, detail text
);
comment on type ops.chain_part is
'A link of a chain: what it is, what it follows from, whether it is there, and the record that tells of it';

create function ops.part_of_chain(
    link text, natural_key text, parent_link text, parent_key text, state text,
    amount numeric default null, happened_at timestamptz default null,
    zone text default null, record_id bigint default null,
    byte_offset bigint default null, detail text default ''
) returns ops.chain_part
language sql immutable
return row(
    link, natural_key, parent_link, parent_key, state, amount, happened_at, zone,
    record_id, byte_offset, detail
)::ops.chain_part;

-- What the EHR's feed told of the visits of an instance: its messages, and its charges.
create function ops.chain_messages(wanted uuid) returns setof ops.chain_part
language sql stable as $$
    with visit as (
        select subject.sending_facility, subject.subject_id
        from ops.workflow_subject as subject
        where subject.instance_id = wanted and subject.subject = 'visit'
        union
        select retired.authority, retired.value
        from ops.workflow_subject as subject
        inner join raw_ehr.redirect as retired
            on
                retired.kind = 'visit'
                and subject.sending_facility = retired.survivor_authority
                and subject.subject_id = retired.survivor_value
        where subject.instance_id = wanted and subject.subject = 'visit'
    ),
    message as (
        select told.record_id, told.happened_at
        from visit
        inner join raw_ehr.event as told
            on
                told.subject = 'visit'
                and visit.sending_facility = told.sending_facility
                and visit.subject_id = told.subject_id
        union
        select charged.record_id, charged.happened_at
        from visit
        inner join ops.event as charged
            on
                charged.subject = 'visit'
                and visit.sending_facility = charged.sending_facility
                and visit.subject_id = charged.subject_id
        where charged.kind = 'charges_received'
    )
    select (ops.part_of_chain(
        'hl7_message', coalesce(record.resource_id, message.record_id::text), null, null,
        'present', null, message.happened_at, 'ehr', message.record_id, null, coalesce(
            concat_ws(' ', record.resource_type, record.body ->> 'trigger'), ''
        )
    )).*
    from message
    left join raw_ehr.record as record on message.record_id = record.record_id
$$;

-- The facts that readers see of an instance.
create function ops.chain_facts(stays text []) returns setof ops.chain_part
language plpgsql stable as $$
begin
    if to_regclass('conformed.fct_encounter') is null then
        return;
    end if;
    return query
    select (ops.part_of_chain(
        'charge', charge.charge_id::text, 'encounter', charge.encounter_id::text,
        'present', charge.charge_amount::numeric, charge.service_date::timestamptz,
        case charge.charge_source when '837' then 'billing' else 'ehr' end,
        charge.record_id::bigint, charge.byte_offset::bigint
    )).*
    from conformed.fct_charge as charge
    where charge.encounter_id = any(stays)
    union all
    select (ops.part_of_chain(
        'claim', claim.claim_id::text, 'encounter', claim.encounter_id::text, 'present',
        claim.gross_charge_amount::numeric, claim.first_submitted_date::timestamptz,
        'billing', claim.record_id::bigint, null, claim.life_cycle_state::text
    )).*
    from conformed.fct_claim as claim
    where claim.encounter_id = any(stays)
    union all
    select (ops.part_of_chain(
        'remittance', payment.payment_id::text, 'claim', payment.claim_id::text,
        'present', payment.paid_amount::numeric, payment.payment_date::timestamptz,
        'billing', payment.record_id::bigint
    )).*
    from conformed.fct_payment as payment
    where payment.encounter_id = any(stays)
    union all
    select (ops.part_of_chain(
        'adjustment', taken.adjustment_id::text, 'remittance', taken.payment_id::text,
        'present', taken.adjustment_amount::numeric, taken.payment_date::timestamptz,
        'billing', taken.record_id::bigint, taken.byte_offset::bigint,
        concat_ws(' ', taken.group_code, taken.reason_code)
    )).*
    from conformed.fct_remittance_adjustment as taken
    where taken.encounter_id = any(stays)
    union all
    select (ops.part_of_chain(
        'supply_usage', used.supply_usage_id::text, 'encounter',
        used.encounter_id::text, 'present', used.supply_cost::numeric, used.occurred_at,
        'ehr', used.record_id::bigint, null, used.item_code::text
    )).*
    from conformed.fct_supply_usage as used
    where used.encounter_id = any(stays);
end;
$$;

-- The entries that carry facts, and the facts that should be in one and are not.
create function ops.chain_entries(facts ops.chain_part []) returns table (
    link text, fact_link text, fact_key text, amount numeric, entry_id uuid, detail text
)
language plpgsql stable as $$
begin
    if to_regclass('outbound.out_journal_fact') is null then
        return;
    end if;
    return query
    with fact as (
        select
            part.link, part.natural_key, part.amount,
            case part.link
                when 'charge' then 'fct_charge'
                when 'remittance' then 'fct_payment'
                when 'adjustment' then 'fct_remittance_adjustment'
                when 'supply_usage' then 'fct_supply_usage'
            end || '|' || part.natural_key || '|' || side.side_name as journal_fact_id
        from unnest(facts) as part
        cross join (values ('debit'), ('credit')) as side (side_name)
        where part.link in ('charge', 'remittance', 'adjustment', 'supply_usage')
    ),
    carried as (
        select distinct
            fact.link as fact_link, fact.natural_key, fact.amount, entry.entry_id
        from fact
        inner join post.entry_fact as held using (journal_fact_id)
        inner join post.entry as entry on held.entry_id = entry.entry_id
        where entry.state <> 'CANCELLED'
    ),
    wanted as (
        select
            fact.link as fact_link, fact.natural_key, max(abs(shown.amount)) as amount,
            max(shown.hold_class) as hold_class
        from fact
        inner join outbound.out_journal_fact as shown using (journal_fact_id)
        group by fact.link, fact.natural_key
    ),
    issued as (
        select distinct
            part.natural_key, part.amount, entry.entry_id
        from unnest(facts) as part
        inner join post.stock_fact as held on part.natural_key = held.supply_usage_id
        inner join post.entry as entry on held.entry_id = entry.entry_id
        where part.link = 'supply_usage' and entry.state <> 'CANCELLED'
    ),
    used as (
        select part.natural_key, part.amount, shown.hold_reason
        from unnest(facts) as part
        inner join conformed.fct_supply_usage as shown
            on part.natural_key = shown.supply_usage_id
        where part.link = 'supply_usage' and shown.quantity <> 0
    )
    select
        'entry', coalesce(wanted.fact_link, carried.fact_link),
        coalesce(wanted.natural_key, carried.natural_key),
        coalesce(carried.amount, wanted.amount), carried.entry_id,
        coalesce(wanted.hold_class::text, '')
    from wanted
    full join carried
        on
            wanted.fact_link = carried.fact_link
            and wanted.natural_key = carried.natural_key
    union all
    select
        'supply_issue', 'supply_usage', coalesce(used.natural_key, issued.natural_key),
        coalesce(used.amount, issued.amount), issued.entry_id,
        coalesce(used.hold_reason::text, '')
    from used
    full join issued on used.natural_key = issued.natural_key;
end;
$$;

-- From the facts on: entries, the ERP's documents, publications.
create function ops.chain_ledger(facts ops.chain_part []) returns setof ops.chain_part
language sql stable as $$
    with carried as materialized (
        select * from ops.chain_entries(facts)
    ),
    entry as (
        select distinct on (held.entry_id)
            carried.link, held.entry_id, held.natural_key, held.state, held.hold_class,
            held.publication_id, held.erp_document, booked.document_type,
            booked.posted_at, booked.amount_cents
        from carried
        inner join post.entry as held on carried.entry_id = held.entry_id
        left join post.ledger as booked
            on held.entry_id = booked.entry_id and held.state = 'POSTED'
        order by held.entry_id
    )
    select (ops.part_of_chain(
        carried.link, entry.natural_key, carried.fact_link, carried.fact_key,
        case when entry.entry_id is null then 'missing' else 'present' end,
        carried.amount, null, null, null, null,
        case
            when entry.entry_id is null
                then concat_ws(' ', 'no entry carries it', nullif(carried.detail, ''))
            else concat_ws(' ', entry.state, nullif(entry.hold_class, ''))
        end
    )).*
    from carried
    left join entry on carried.entry_id = entry.entry_id
    union all
    select (ops.part_of_chain(
        'erp_document',
        case when entry.document_type is not null then entry.erp_document end,
        entry.link, entry.natural_key,
        case when entry.document_type is null then 'missing' else 'present' end,
        entry.amount_cents / 100.0, entry.posted_at, null, null, null,
        case
            when entry.document_type is null
                then 'the entry is ' || concat_ws(
                    ' ', entry.state, nullif(entry.hold_class, '')
                )
            else entry.document_type || ' LL|' || entry.natural_key
        end
    )).*
    from entry
    union all
    select (ops.part_of_chain(
        'publication', published.publication_id::text, entry.link, entry.natural_key,
        case when published.publication_id is null then 'missing' else 'present' end,
        null, published.published_at, null, null, null,
        coalesce(
            published.verdict,
            'publication ' || entry.publication_id || ' is not on record'
        )
    )).*
    from entry
    left join ops.publication as published
        on entry.publication_id = published.publication_id
$$;

-- What should be there, by what the feeds said: messages, the encounter, its usages.
create function ops.chain_untold(wanted uuid, told ops.chain_part [])
returns setof ops.chain_part
language plpgsql stable as $$
begin
    return query
    select (ops.part_of_chain(
        'hl7_message', null, null, null, 'missing', null, null, null, null, null,
        counted.shown || ' of ' || counted.expected || ' messages of the visit'
    )).*
    from (
        select
            sum(folded.event_count) as expected,
            (
                select count(*) from unnest(told) as part
                where part.link = 'hl7_message' and part.detail not like 'DFT%'
            ) as shown
        from ops.workflow_subject as subject
        inner join raw_ehr.folded_visit as folded
            on
                subject.sending_facility = folded.sending_facility
                and subject.subject_id = folded.visit_number
        where subject.instance_id = wanted and subject.subject = 'visit'
    ) as counted
    where counted.shown < counted.expected;
    return query
    select (ops.part_of_chain(
        'supply_usage', record.resource_id, 'encounter', event.subject_id, 'missing',
        null, event.happened_at, 'ehr', event.record_id, null,
        'it landed, and no reader sees it'
    )).*
    from ops.workflow_subject as subject
    inner join ops.event as event using (subject, sending_facility, subject_id)
    left join raw_ehr.record as record on event.record_id = record.record_id
    where
        subject.instance_id = wanted
        and subject.subject = 'encounter'
        and event.kind = 'supply_used'
        and not exists (
            select from unnest(told) as part
            where
                part.link = 'supply_usage' and part.natural_key = record.resource_id
        );
end;
$$;

create function ops.chain_stays(wanted uuid) returns setof ops.chain_part
language plpgsql stable as $$
begin
    return query
    select (ops.part_of_chain(
        'encounter', stay.encounter_id, null, null, 'present', null, stay.end_at, 'ehr',
        stay.record_id, null, case when stay.has_fhir then '' else 'told by HL7 v2' end
    )).*
    from ops.instance_stays(wanted) as stay;
    if not found then
        return query
        select (ops.part_of_chain(
            'encounter', subject.subject_id, null, null, 'missing', null, null, null,
            null, null, 'no reader sees it'
        )).*
        from ops.workflow_subject as subject
        where subject.instance_id = wanted
        order by subject.subject
        limit 1;
    end if;
end;
$$;

-- What should be there, by what readers see: sums that do not come out, and facts without
-- the one that they lead to.
create function ops.chain_gaps(wanted uuid, stays text []) returns setof ops.chain_part
language plpgsql stable as $$
begin
    if to_regclass('conformed.fct_encounter') is null then
        return;
    end if;
    return query
    select (ops.part_of_chain(
        'charge', null, 'encounter', stay.encounter_id, 'missing', null, null, null,
        null, null, 'the encounter is finished and has no charge'
    )).*
    from ops.instance_stays(wanted) as stay
    where
        stay.is_finished
        and not exists (
            select from conformed.fct_charge as charge
            where charge.encounter_id = stay.encounter_id
        );
    return query
    select (ops.part_of_chain(
        'claim', charge.claim_id::text, 'charge', min(charge.charge_id)::text, 'missing',
        sum(charge.charge_amount), null, null, null, null,
        count(*) || ' charges are on no claim'
    )).*
    from conformed.fct_charge as charge
    where
        charge.encounter_id = any(stays)
        and not exists (
            select from conformed.fct_claim as claim
            where claim.claim_id = charge.claim_id
        )
    group by charge.encounter_id, charge.claim_id;
    return query
    with billed as (
        select charge.claim_id, sum(charge.charge_amount) as amount
        from conformed.fct_charge as charge
        where charge.encounter_id = any(stays)
        group by charge.claim_id
    ),
    answered as (
        select payment.claim_id, count(*) as answer_count
        from conformed.fct_payment as payment
        where payment.encounter_id = any(stays)
        group by payment.claim_id
    ),
    claim as (
        select
            known.claim_id::text, known.gross_charge_amount, known.is_adjudicated,
            known.payment_count, coalesce(billed.amount, 0) as amount,
            coalesce(answered.answer_count, 0) as answer_count
        from conformed.fct_claim as known
        left join billed on known.claim_id = billed.claim_id
        left join answered on known.claim_id = answered.claim_id
        where known.encounter_id = any(stays)
    )
    select (ops.part_of_chain(
        'charge', null, 'claim', claim.claim_id, 'missing',
        claim.gross_charge_amount - claim.amount, null, null, null, null,
        'the charges do not come to the sum of the claim'
    )).*
    from claim
    where claim.gross_charge_amount <> claim.amount
    union all
    select (ops.part_of_chain(
        'remittance', null, 'claim', claim.claim_id,
        case
            when claim.is_adjudicated or claim.payment_count > 0 then 'missing'
            else 'waiting'
        end,
        null, null, null, null, null,
        case
            when claim.payment_count > 0
                then
                    claim.answer_count || ' of ' || claim.payment_count
                    || ' answers of payers'
            else 'no payer has answered'
        end
    )).*
    from claim
    where
        claim.answer_count < claim.payment_count
        or claim.payment_count = 0;
    return query
    select (ops.part_of_chain(
        'adjustment', null, 'remittance', payment.payment_id::text, 'missing',
        payment.charge_amount - payment.paid_amount
        - coalesce(sum(taken.adjustment_amount), 0),
        null, null, null, null,
        'charge less adjustments does not come to what was paid'
    )).*
    from conformed.fct_payment as payment
    left join conformed.fct_remittance_adjustment as taken
        on
            payment.payment_id = taken.payment_id
            and taken.encounter_id = any(stays)
    where payment.encounter_id = any(stays)
    group by payment.payment_id, payment.charge_amount, payment.paid_amount
    having
        payment.charge_amount - payment.paid_amount
        <> coalesce(sum(taken.adjustment_amount), 0);
end;
$$;

-- What an event expects of the instance.
create function ops.chain_steps(wanted uuid) returns setof ops.chain_part
language sql stable as $$
    select (ops.part_of_chain(
        'step', expected.step, 'encounter', event.subject_id,
        case
            when expected.happened_at is not null then 'present'
            when expected.due_at > clock_timestamp() then 'waiting'
            else 'missing'
        end,
        null, coalesce(expected.happened_at, expected.due_at), event.zone,
        event.record_id, null,
        case
            when expected.happened_at is not null then expected.evidence
            else 'due ' || to_char(
                expected.due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'
            ) || ' UTC, ' || expected.owner
        end
    )).*
    from ops.expected_step as expected
    inner join ops.event as event on expected.event_id = event.event_id
    where expected.instance_id = wanted and expected.withdrawn_at is null
$$;

create function ops.encounter_chain(wanted uuid) returns table (
    link_number integer, link text, natural_key text, parent_link text,
    parent_key text, state text, amount numeric(18, 2), happened_at timestamptz,
    owner text, next_action text, detail text, record_id bigint, zone text,
    file_name text, file_sha256 text, byte_offset bigint, byte_length integer
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set timezone = 'UTC'
as $$
declare
    stays text [] := array(
        select stay.encounter_id from ops.instance_stays(wanted) as stay
    );
    told ops.chain_part [] := array(
        select part from ops.chain_messages(wanted) as part
        union all
        select part from ops.chain_stays(wanted) as part
        union all
        select part from ops.chain_facts(stays) as part
    );
    whole ops.chain_part [] := array(
        select part from unnest(told) as part
        union all
        select part from ops.chain_untold(wanted, told) as part
        union all
        select part from ops.chain_gaps(wanted, stays) as part
        union all
        select part from ops.chain_ledger(told) as part
        union all
        select part from ops.chain_steps(wanted) as part
    );
begin
    return query
    with part as (
        select * from unnest(whole)
    ),
    record as (
        select 'ehr' as zone, known.record_id, known.byte_offset, known.byte_length,
            file.name, file.content_sha256
        from raw_ehr.record as known
        inner join raw_ehr.file as file on known.file_id = file.file_id
        where known.record_id in (
            select part.record_id from part where part.zone = 'ehr'
        )
        union all
        select 'billing', known.record_id, known.byte_offset, known.byte_length,
            file.name, file.content_sha256
        from raw_billing.record as known
        inner join raw_billing.file as file on known.file_id = file.file_id
        where known.record_id in (
            select part.record_id from part where part.zone = 'billing'
        )
    ),
    placed as (
        select
            part.*, record.name, encode(record.content_sha256, 'hex') as file_sha256,
            coalesce(part.byte_offset, record.byte_offset) as began_at,
            case when part.byte_offset is null then record.byte_length end as length,
            part.zone is not null and record.name is null as is_lost
        from part
        left join record
            on part.zone = record.zone and part.record_id = record.record_id
    ),
    judged as (
        select
            placed.*, known.link_number, known.owner as link_owner,
            known.next_action as link_action,
            case
                when placed.is_lost then 'missing'
                when placed.state = 'missing' and awaited.due_at is not null
                    then 'waiting'
                else placed.state
            end as judged_state
        from placed
        inner join ops.chain_link as known on placed.link = known.link
        left join lateral (
            select min(expected.due_at) as due_at
            from ops.expected_step as expected
            where
                expected.instance_id = wanted
                and expected.step = any(known.steps)
                and expected.happened_at is null
                and expected.withdrawn_at is null
                and expected.due_at > clock_timestamp()
        ) as awaited on true
    )
    select
        judged.link_number, judged.link, judged.natural_key, judged.parent_link,
        judged.parent_key, judged.judged_state, judged.amount::numeric(18, 2),
        judged.happened_at,
        case
            when judged.judged_state <> 'present'
                then coalesce(rule.owner, judged.link_owner)
        end,
        case
            when judged.judged_state <> 'present'
                then coalesce(rule.next_action, judged.link_action)
        end,
        case
            when judged.is_lost
                then 'record ' || judged.record_id || ' of ' || judged.zone || ' is gone'
            else judged.detail
        end,
        judged.record_id, judged.zone, judged.name, judged.file_sha256, judged.began_at,
        judged.length
    from judged
    left join ops.step_rule as rule
        on judged.link = 'step' and judged.natural_key = rule.step;
end;
$$;
comment on function ops.encounter_chain is
'One row per link of the chain of an instance, present, waiting or missing, with its place in a file';
revoke execute on function ops.encounter_chain from public;

create index on ops.workflow_subject ((
    case subject
        when 'visit' then 'hl7v2|' || sending_facility || '|' || subject_id
        else subject_id
    end
));

create view ops.encounter_trace as
select
    named.instance_id as correlation_id,
    case named.subject
        when 'visit' then 'hl7v2|' || named.sending_facility || '|' || named.subject_id
        else named.subject_id
    end as encounter_id,
    named.account_number,
    chain.*
from ops.workflow_subject as named
cross join lateral ops.encounter_chain(named.instance_id) as chain
where named.subject in ('visit', 'encounter');
comment on view ops.encounter_trace is
'One row per name of an encounter and link of its chain, with the file that tells of it. Live';

create view marts.encounter_trace as
select
    traced.correlation_id,
    traced.encounter_id,
    traced.account_number,
    traced.link_number,
    traced.link,
    traced.natural_key,
    traced.parent_link,
    traced.parent_key,
    traced.state,
    traced.amount,
    traced.happened_at,
    traced.owner,
    traced.next_action,
    traced.detail,
    traced.record_id,
    traced.zone,
    traced.file_sha256,
    traced.byte_offset,
    traced.byte_length
from ops.encounter_trace as traced;
comment on view marts.encounter_trace is
'One row per name of an encounter and link of its chain: message, encounter, charge, claim, remittance, usage, issue, entry, ERP document, publication; what is missing is a row, too. Ask it by correlation_id, encounter_id or account_number. Live';
comment on column marts.encounter_trace.correlation_id is
'What all links of one financial encounter have in common; random';
comment on column marts.encounter_trace.encounter_id is
'A name under which a feed tells of it: the FHIR encounter, or hl7v2, sending facility and visit number';
comment on column marts.encounter_trace.account_number is
'Account of the encounter; empty where the feed names none';
comment on column marts.encounter_trace.link_number is
'Order of the links';
comment on column marts.encounter_trace.link is
'Name of the link, as in ops.chain_link';
comment on column marts.encounter_trace.natural_key is
'What the link is known as: control id, charge, claim, entry, number in the ERP …; empty when it is missing and would be new';
comment on column marts.encounter_trace.parent_link is
'Link that it follows from';
comment on column marts.encounter_trace.parent_key is
'What that one is known as';
comment on column marts.encounter_trace.state is
'present; waiting: expected and not due, or the payer''s turn; missing: expected and not there';
comment on column marts.encounter_trace.amount is
'USD that it carries, or that is missing; empty where it has none';
comment on column marts.encounter_trace.happened_at is
'When it happened, a day as its midnight UTC; of a step that did not, when it is due';
comment on column marts.encounter_trace.owner is
'Who acts when it is missing or waits; empty while it is there';
comment on column marts.encounter_trace.next_action is
'What to do first when it is missing or waits';
comment on column marts.encounter_trace.detail is
'Trigger, reason, state or evidence; no patient values';
comment on column marts.encounter_trace.record_id is
'Raw record that tells of it; empty where it is ours';
comment on column marts.encounter_trace.zone is
'ehr or billing: where the record is; empty where it is ours';
comment on column marts.encounter_trace.file_sha256 is
'SHA-256 of the file that the record came in; the file''s name is in ops.encounter_trace, for the owner';
comment on column marts.encounter_trace.byte_offset is
'Where the record, or its segment, begins in the decoded file';
comment on column marts.encounter_trace.byte_length is
'Length of the record in bytes; empty where a segment is told';
grant select on marts.encounter_trace to ledgerline_analyst;
revoke select on marts.encounter_trace from ledgerline_executive;
grant execute on function ops.encounter_chain to ledgerline_analyst;
