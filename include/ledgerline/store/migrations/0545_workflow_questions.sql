-- Three more questions of the work: whether purchasing stands still, at the requisition or
-- at the receipt, and whether readers see how a visit ended.
insert into ops.workflow_step (step_number, step, question, owner)
values
(9, 'requisition_placed', 'Is what was asked for with the buyer?', 'supply_chain'),
(10, 'receipt_matched', 'Does what came agree with its order?', 'supply_chain'),
(11, 'final_state_published', 'Do readers see how the visit ended?', 'data_engineering');

create function ops.purchasing_state()
returns table (
    facility_code text, step text, is_done boolean, amount numeric, since date
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        entry.facility_code, 'requisition_placed', entry.state = 'POSTED', 0::numeric,
        entry.posting_date
    from post.entry as entry
    where entry.document_type = 'requisition' and entry.state <> 'CANCELLED';
    if to_regclass('marts.purchase_discrepancy') is null then
        return;
    end if;
    return query
    select
        coalesce(line.facility_code, found.facility_code, 'unmapped')::text,
        'receipt_matched', found.line_id is null, coalesce(found.amount, 0),
        coalesce(line.last_received_date, found.received_date)::date
    from (
        select * from conformed.fct_purchase_order_line
        where last_received_date is not null
    ) as line
    full join (
        select
            coalesce(
                discrepancy.purchase_order_line_id, discrepancy.receipt_line_id
            ) as line_id,
            min(discrepancy.facility_code) as facility_code,
            min(discrepancy.received_date) as received_date,
            sum(abs(discrepancy.difference_amount))::numeric as amount
        from marts.purchase_discrepancy as discrepancy
        group by line_id
    ) as found on line.purchase_order_line_id = found.line_id;
end;
$$;
comment on function ops.purchasing_state is
'One row per requisition, and per order line or receipt of what came: whether it goes on, its USD and since when';
revoke execute on function ops.purchasing_state from public;

-- Who completed an encounter is told by the step that is expected of it.
create function ops.final_state()
returns table (
    facility_code text, step text, is_done boolean, amount numeric, since date
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if to_regclass('conformed.fct_encounter') is null then
        return;
    end if;
    return query
    with named as (
        select
            subject.instance_id,
            min(subject.sending_facility) as sending_facility,
            min(stay.facility_code)::text as facility_code,
            bool_or(stay.encounter_status = 'finished') as is_finished
        from ops.workflow_subject as subject
        left join conformed.fct_encounter as stay
            on
                stay.encounter_id = case subject.subject
                    when 'encounter' then subject.subject_id
                    else 'hl7v2|' || subject.sending_facility || '|' || subject.subject_id
                end
        where subject.subject in ('encounter', 'visit')
        group by subject.instance_id
    )
    select
        coalesce(named.facility_code, named.sending_facility), 'final_state_published',
        coalesce(named.is_finished, false), 0::numeric, completed.expected_at::date
    from ops.expected_step as completed
    inner join named using (instance_id)
    where completed.step = 'billing_review' and completed.withdrawn_at is null;
end;
$$;
comment on function ops.final_state is
'One row per encounter that was told as completed, and whether readers see it finished';
revoke execute on function ops.final_state from public;

create or replace function ops.workflow_health()
returns table (
    facility_code text,
    step_number integer,
    step text,
    question text,
    owner text,
    expected_count bigint,
    done_count bigint,
    waiting_count bigint,
    waiting_amount numeric(18, 2),
    waiting_since_date date
)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select
        state.facility_code,
        step.step_number,
        step.step,
        step.question,
        step.owner,
        count(*),
        count(*) filter (where state.is_done),
        count(*) filter (where not state.is_done),
        coalesce(sum(state.amount) filter (where not state.is_done), 0)::numeric(18, 2),
        min(state.since) filter (where not state.is_done)
    from (
        select * from ops.workflow_state()
        union all
        select * from ops.purchasing_state()
        union all
        select * from ops.final_state()
    ) as state
    inner join ops.workflow_step as step on state.step = step.step
    group by state.facility_code, step.step_number, step.step, step.question, step.owner
$$;
