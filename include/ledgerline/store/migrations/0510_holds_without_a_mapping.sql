-- The worklist names codes. What waits for another thing says for which: an account that
-- no encounter has, an encounter that names no department, a row of a reference table.
create function post.hold_remedy(hold_class text) returns text
language sql immutable as $$
    select case hold_class
        when 'unknown_account' then
            'have the encounter of its account delivered, or the account number of its '
            'remittance or claim corrected; conformed.fct_payment, fct_claim and '
            'fct_remittance_adjustment have them by hold_reason'
        when 'no_department' then
            'have the encounter or its place name a department'
        when 'unmapped_cost_center' then
            'give the department or revenue code a cost center: '
            'department_cost_center.csv, revenue_center.csv, cost_center.csv'
        when 'unmapped_stock_location' then
            'give the cost center a stock location: cost_center.csv'
        when 'unmapped_account' then
            'give the posting role an account: posting_account.csv'
        else 'map the codes: `ledgerline crosswalk worklist`'
    end
$$;
comment on function post.hold_remedy is
'What a person does about entries of a hold class; the one place that says so';

-- Why an entry may not leave HELD; nothing when it may.
create or replace function post.why_held(entry post.entry)
returns table (category text, owner text, explanation text)
language sql stable as $$
    select 'ORDER_WAIT', 'revenue_cycle', format(
        '%s waits for what nobody told (%s): %s', entry.natural_key, entry.hold_class,
        post.hold_remedy(entry.hold_class)
    )
    where entry.hold_class in ('unknown_account', 'no_department')
    union all
    select 'MASTER_DATA', 'data_steward', format(
        '%s waits for a mapping (%s): %s', entry.natural_key, entry.hold_class,
        post.hold_remedy(entry.hold_class)
    )
    where entry.hold_class not in ('', 'unknown_account', 'no_department')
    union all
    select 'DQ_GATE', 'data_engineering',
        'no passing verdict covers ' || entry.natural_key
    where entry.hold_class = '' and not post.is_covered(entry)
    union all
    select 'PERIOD_CLOSED', 'finance', format(
        'the ERP has closed the period of %s, in which %s is dated; the next run dates it anew',
        entry.posting_date, entry.natural_key
    )
    where entry.hold_class = '' and entry.document_type <> 'requisition'
        and post.open_date(entry.posting_date) <> entry.posting_date
    union all
    select 'MASTER_DATA', told.owner, format(
        'the ERP has no %s %s, which %s names: add it to the ERP''s %s, or correct the '
        'mapping that leads to it', missing.kind, missing.code, entry.natural_key, told.home
    )
    from post.missing_codes(entry.entry_id) as missing
    join post.erp_kind as told on told.kind = missing.kind
$$;

-- An entry that waits is explained where entries are.
create or replace view ops.exception as
select
    source.queue,
    source.exception_id,
    source.category,
    coalesce(source.owner, known.owner) as owner,
    source.since,
    coalesce(source.due_at, source.since + known.due_after) as due_at,
    coalesce(source.due_at, source.since + known.due_after) < clock_timestamp()
        as is_overdue,
    source.amount,
    source.cause,
    coalesce(source.next_action, known.next_action) as next_action,
    source.command,
    case
        when source.queue = 'quarantine' then 'quarantine'
        when source.queue = 'gate' and source.category = 'ORDER_WAIT' then 'posting_stuck'
        else known.runbook
    end as runbook
from ops.exception_source as source
inner join ops.exception_category as known on source.category = known.category;
