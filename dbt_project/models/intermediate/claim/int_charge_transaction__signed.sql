-- Charges (CG) and credits (CD, CR, or below zero) as posted: whose they are, and
-- whether they add or take off.
with posted as (
    select
        *,
        transaction_type in ('CD', 'CR') or charge_amount < 0 as is_credit
    from {{ ref('stg_ehr__charge_transaction') }}
    where transaction_type in ('CG', 'CD', 'CR')
)

select
    record_id,
    posting_rank,
    coalesce(
        transaction_id, record_id || '.' || transaction_position
    ) as charge_transaction_id,
    facility_code_ehr,
    {{ crosswalked(
        'facility', 'ehr', 'posted.facility_code_ehr', 'posted.service_date'
    ) }} as facility_code,
    department_code_ehr,
    account_number,
    visit_number,
    is_credit,
    revenue_code,
    procedure_code,
    (
        case when is_credit then -abs(charge_amount) else charge_amount end
    )::numeric(18, 2) as charge_amount,
    (
        case when is_credit then -abs(service_quantity) else service_quantity end
    )::numeric(18, 4) as service_quantity,
    service_date,
    posted_date
from posted
