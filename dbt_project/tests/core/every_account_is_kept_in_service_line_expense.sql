{{ config(meta={'asks': 'whole'}) }}

-- What service lines, the unmapped and the unallocated among them, have of an account
-- is what the ledger has booked on it.
with told as (
    select
        coalesce(entry.facility_code, 'unmapped') as facility_code,
        entry.posting_month as service_month,
        entry.mapped_account_code as account_code,
        entry.amount as ledger_amount,
        0 as cost_amount
    from {{ ref('int_gl_entry__classified') }} as entry
    where {{ is_center_cost('entry') }}
    union all
    select
        facility_code,
        service_month,
        account_code,
        0 as ledger_amount,
        cost_amount
    from {{ ref('fct_service_line_expense') }}
)

select
    facility_code,
    service_month,
    account_code,
    sum(ledger_amount) as ledger_amount,
    sum(cost_amount) as cost_amount
from told
group by facility_code, service_month, account_code
having sum(ledger_amount) <> sum(cost_amount)
