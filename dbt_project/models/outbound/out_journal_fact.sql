{{ config(materialized='kept', replaces=of_scope_by('fact_name', 'fct_supply_usage')) }}

-- Every event is written as its two sides, signed with debit +; a zero says nothing to
-- a ledger and is left out.
with side as (
    select
        event.*,
        leg.side_name,
        leg.side_name = event.costed_side as is_costed,
        leg.sign * event.amount as signed_amount
    from {{ ref('out_journal_event') }} as event
    cross join (values ('debit', 1), ('credit', -1)) as leg (side_name, sign)
    where event.amount <> 0
)

select
    concat_ws('|', side.fact_name, side.fact_id, side.side_name) as journal_fact_id,
    side.document_kind,
    side.facility_code,
    {{ posting_date('side.event_date') }} as posting_date,
    side.event_date,
    case
        when side.hold_class <> '' then side.hold_class
        when debit_account.account_code is null or credit_account.account_code is null
            then 'unmapped_account'
        else ''
    end as hold_class,
    coalesce(
        case
            when side.side_name = 'debit' then debit_account.account_code
            else credit_account.account_code
        end,
        'unmapped'
    ) as account_code,
    case when side.is_costed then side.cost_center_code else '' end
        as cost_center_code,
    case when side.is_costed then side.service_line_code else '' end
        as service_line_code,
    side.signed_amount as amount,
    side.fact_name,
    side.fact_id,
    side.record_id
from side
left join {{ ref('dim_posting_account') }} as debit_account
    on side.debit_role = debit_account.posting_role
left join {{ ref('dim_posting_account') }} as credit_account
    on side.credit_role = credit_account.posting_role
