-- What the ledger says that a cost center cost, by account: labor, other direct cost,
-- and supplies that we did not issue to a patient (these are costed by their usage).
with entry as (
    select
        coalesce(entry.facility_code, 'unmapped') as facility_code,
        entry.posting_month as service_month,
        coalesce(entry.cost_center_code, 'unmapped') as cost_center_code,
        entry.mapped_account_code as account_code,
        case
            when entry.account_class <> 'supply_expense' then entry.account_class
            when named.posting_role = 'implant_expense' then 'implant'
            when named.posting_role = 'drug_expense' then 'drug'
            else 'supply'
        end as cost_component,
        entry.amount
    from {{ ref('int_gl_entry__classified') }} as entry
    left join {{ ref('stg_reference__posting_account') }} as named
        on
            entry.account_code = named.account_code
            and named.posting_role in ('implant_expense', 'drug_expense')
    where {{ is_center_cost('entry') }}
)

select
    facility_code,
    service_month,
    cost_center_code,
    account_code,
    cost_component,
    (sum(amount) * 100)::bigint as cost_cents
from entry
group by
    facility_code, service_month, cost_center_code, account_code, cost_component
