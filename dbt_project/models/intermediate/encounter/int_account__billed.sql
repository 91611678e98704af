{{ config(indexes=[{'columns': ['account_id'], 'unique': true}]) }}

-- The institutional claim speaks for the account; without one the professional claim
-- with the smallest id; without any claim the first remittance; an account with charges
-- only has no payer yet.
with bill as (
    select
        account_id,
        facility_code,
        payer_code,
        case when transaction_type = '837I' then 1 else 2 end as precedence,
        claim_id as document_id,
        ms_drg,
        is_inpatient_bill
    from {{ ref('int_claim__located') }}
    union all
    select
        account_id,
        facility_code,
        remitting_payer_code as payer_code,
        3 as precedence,
        payment_id as document_id,
        null as ms_drg,
        false as is_inpatient_bill
    from {{ ref('int_remittance_claim__located') }}
    where not has_claim
    union all
    select
        account_id,
        facility_code,
        'unmapped' as payer_code,
        4 as precedence,
        charge_transaction_id as document_id,
        null as ms_drg,
        false as is_inpatient_bill
    from {{ ref('int_charge_transaction__netted') }}
)

select distinct on (account_id)
    account_id,
    facility_code,
    payer_code,
    ms_drg,
    is_inpatient_bill,
    precedence < 3 as has_claim
from bill
order by account_id, precedence, document_id collate "C"
