-- What shows that an expected step happened: asked of what readers see, of the postings,
-- and of the messages that came after the event.

create function ops.encounter_of_instance()
returns table (instance_id uuid, encounter_id text)
language plpgsql stable as $$
begin
    if to_regclass('conformed.fct_encounter') is null then
        return;
    end if;
    return query
    select subject.instance_id, stay.encounter_id::text
    from ops.workflow_subject as subject
    inner join conformed.fct_encounter as stay
        on
            stay.encounter_id = case subject.subject
                when 'encounter' then subject.subject_id
                when 'visit'
                    then 'hl7v2|' || subject.sending_facility || '|' || subject.subject_id
            end;
end;
$$;
comment on function ops.encounter_of_instance is
'One row per instance and encounter that readers see of it';

create function ops.usage_evidence()
returns table (instance_id uuid, step text, evidence text)
language plpgsql stable as $$
begin
    if to_regclass('conformed.fct_supply_usage') is null then
        return;
    end if;
    return query
    with open as (
        select known.instance_id, known.step, event.subject, event.subject_id
        from ops.expected_step as known
        inner join ops.event as event on known.event_id = event.event_id
        where
            known.step in ('consumption_posting', 'stock_issue')
            and known.happened_at is null
            and known.withdrawn_at is null
    ),
    usage as (
        select open.instance_id, open.step, used.supply_usage_id, used.quantity
        from open
        inner join ops.encounter_of_instance() as stay
            on open.instance_id = stay.instance_id
        inner join conformed.fct_supply_usage as used
            on stay.encounter_id = used.encounter_id
        union all
        select open.instance_id, open.step, used.supply_usage_id, used.quantity
        from open
        inner join conformed.fct_supply_usage as used
            on open.subject_id = used.supply_usage_id
        where open.subject = 'delivery'
    ),
    posted as (
        select distinct fact.supply_usage_id
        from post.stock_fact as fact
        inner join post.entry as entry on fact.entry_id = entry.entry_id
        where entry.state = 'POSTED'
    ),
    told as (
        select
            open.instance_id,
            open.step,
            count(usage.supply_usage_id) as used_count,
            count(posted.supply_usage_id) as posted_count,
            count(*) filter (
                where usage.quantity <> 0 and posted.supply_usage_id is null
            ) as left_count,
            -- What landed for the instance and is not published yet.
            (
                select count(*)
                from ops.workflow_subject as subject
                inner join ops.event as event
                    using (subject, sending_facility, subject_id)
                inner join raw_ehr.record as record
                    on event.record_id = record.record_id
                where
                    subject.instance_id = open.instance_id
                    and event.kind = 'supply_used'
                    and not exists (
                        select from conformed.fct_supply_usage as used
                        where used.supply_usage_id = record.resource_id
                    )
            ) as unpublished_count
        from open
        left join usage
            on open.instance_id = usage.instance_id and open.step = usage.step
        left join posted on usage.supply_usage_id = posted.supply_usage_id
        group by open.instance_id, open.step
    )
    select
        told.instance_id, told.step,
        told.posted_count || ' of ' || told.used_count || ' usages are in the ERP'
    from told
    where
        told.left_count = 0
        and told.unpublished_count = 0
        and (
            told.used_count > 0
            or exists (
                select from ops.encounter_of_instance() as stay
                where stay.instance_id = told.instance_id
            )
        );
end;
$$;

create function ops.claim_evidence()
returns table (instance_id uuid, step text, evidence text)
language plpgsql stable as $$
begin
    if to_regclass('conformed.fct_claim') is null then
        return;
    end if;
    return query
    select open.instance_id, open.step, 'a claim is on the account'
    from ops.expected_step as open
    where
        open.step = 'billing_review'
        and open.happened_at is null
        and open.withdrawn_at is null
        and (
            exists (
                select
                from ops.encounter_of_instance() as stay
                inner join conformed.fct_claim as claim
                    on stay.encounter_id = claim.encounter_id
                where stay.instance_id = open.instance_id
            )
            -- The EHR tells of charges only: the account is all that they share.
            or exists (
                select
                from ops.workflow_subject as subject
                inner join conformed.fct_claim as claim
                    on split_part(claim.claim_id, '|', 2) = subject.account_number
                where
                    subject.instance_id = open.instance_id
                    and claim.encounter_id is null
            )
        );
end;
$$;

create function ops.cash_evidence()
returns table (instance_id uuid, step text, evidence text)
language plpgsql stable as $$
begin
    if to_regclass('conformed.fct_payment') is null then
        return;
    end if;
    return query
    with paid as (
        select
            open.instance_id,
            open.step,
            count(*) as payment_count,
            count(*) filter (
                where payment.paid_amount <> 0 and cash.posted_at is null
            ) as left_count
        from ops.expected_step as open
        inner join ops.workflow_subject as subject
            on open.instance_id = subject.instance_id
        inner join conformed.fct_payment as payment
            on subject.subject_id = payment.remittance_id
        left join (
            select fact.record_id, max(fact.posted_at) as posted_at
            from ops.posted_facts() as fact
            where fact.zone = 'billing' and fact.document_kind = 'cash_receipt'
            group by fact.record_id
        ) as cash on payment.record_id = cash.record_id
        where
            open.step = 'cash_posting'
            and open.happened_at is null
            and open.withdrawn_at is null
        group by open.instance_id, open.step
    )
    select paid.instance_id, paid.step, paid.payment_count || ' payments are in the ERP'
    from paid
    where paid.left_count = 0;
end;
$$;

create function ops.bed_of_visit(facility text, number text) returns jsonb
language sql stable
return (
    select record.body -> 'visit' -> 'location'
    from raw_ehr.event as told
    inner join raw_ehr.record as record on told.record_id = record.record_id
    where
        told.subject = 'visit'
        and told.sending_facility = facility
        and told.subject_id = number
        and record.body -> 'visit' -> 'location' ->> 'bed' <> ''
    order by told.happened_at desc, told.record_id desc
    limit 1
);
comment on function ops.bed_of_visit is
'The place of a visit''s last bed; null where no message named one';

-- The unit's next patient in the same bed shows that it was made ready.
create function ops.bed_evidence()
returns table (instance_id uuid, step text, evidence text)
language sql stable as $$
    select open.instance_id, open.step, 'another patient came into the bed'
    from ops.expected_step as open
    inner join ops.event as event on open.event_id = event.event_id
    cross join lateral ops.bed_of_visit(event.sending_facility, event.subject_id)
        as left_bed
    where
        open.step = 'bed_turnover'
        and open.happened_at is null
        and open.withdrawn_at is null
        and exists (
            select
            from raw_ehr.event as later
            inner join raw_ehr.record as arrival on later.record_id = arrival.record_id
            where
                later.subject = 'visit'
                and later.sending_facility = event.sending_facility
                and later.subject_id <> event.subject_id
                and not later.is_waiting
                and later.happened_at >= event.happened_at
                and arrival.body ->> 'trigger' in ('A01', 'A02', 'A04', 'A06')
                and arrival.body -> 'visit' -> 'location' @> left_bed
        )
$$;

create function ops.pharmacy_evidence()
returns table (instance_id uuid, step text, evidence text)
language sql stable as $$
    with ordered as (
        select
            open.instance_id,
            open.step,
            record.resource_type,
            coalesce(nullif(one.value ->> 'placer_id', ''), one.value ->> 'filler_id')
                as order_id
        from ops.expected_step as open
        inner join ops.workflow_subject as subject
            on open.instance_id = subject.instance_id
        inner join raw_ehr.record as record
            on
                record.resource_type in ('RDE', 'RDS')
                and coalesce(
                    nullif(record.body -> 'patient' ->> 'account_number', ''),
                    record.body -> 'visit' ->> 'visit_number'
                ) = subject.account_number
        cross join lateral build.elements(record.body -> 'orders') as one (value)
        where
            open.step = 'pharmacy_reconciliation'
            and open.happened_at is null
            and open.withdrawn_at is null
            and subject.account_number <> ''
    ),
    matched as (
        select
            ordered.instance_id,
            ordered.step,
            ordered.order_id,
            bool_or(ordered.resource_type = 'RDS') as is_dispensed
        from ordered
        group by ordered.instance_id, ordered.step, ordered.order_id
    )
    select
        matched.instance_id, matched.step, count(*) || ' orders are dispensed'
    from matched
    group by matched.instance_id, matched.step
    having bool_and(matched.is_dispensed)
$$;

create function ops.observe_steps() returns integer
language plpgsql as $$
declare
    noted integer;
begin
    update ops.expected_step as known
    set happened_at = clock_timestamp(), evidence = shown.evidence
    from (
        select * from ops.claim_evidence()
        union all
        select * from ops.usage_evidence()
        union all
        select * from ops.cash_evidence()
        union all
        select * from ops.bed_evidence()
        union all
        select * from ops.pharmacy_evidence()
    ) as shown
    where
        known.instance_id = shown.instance_id
        and known.step = shown.step
        and known.happened_at is null
        and known.withdrawn_at is null;
    get diagnostics noted = row_count;
    return noted;
end;
$$;
comment on function ops.observe_steps is
'Note which open steps happened, with what shows it; returns how many';
