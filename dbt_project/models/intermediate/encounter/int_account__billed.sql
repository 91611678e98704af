{{ config(indexes=[{'columns': ['account_id'], 'unique': true}]) }}

-- The institutional claim speaks for the account; without one the professional claim
-- with the smallest id; without any claim the first remittance. Of an account with
-- charges only the EHR alone knows who pays (int_encounter__covered).
with bill as (
    select
        account_id,
        facility_code,
        payer_code,
        case when transaction_type = '837I' then 1 else 2 end as precedence,
        claim_id as document_id,
        statement_from_date as billed_from_date,
        ms_drg,
        is_inpatient_bill,
        is_changed_to_outpatient,
        is_unrelated_stay
    from {{ ref('int_claim__located') }}
    union all
    select
        account_id,
        facility_code,
        remitting_payer_code as payer_code,
        3 as precedence,
        payment_id as document_id,
        payment_date as billed_from_date,
        null as ms_drg,
        false as is_inpatient_bill,
        false as is_changed_to_outpatient,
        false as is_unrelated_stay
    from {{ ref('int_remittance_claim__located') }}
    where not has_claim
    union all
    select
        account_id,
        facility_code,
        null as payer_code,
        4 as precedence,
        charge_transaction_id as document_id,
        service_date as billed_from_date,
        null as ms_drg,
        false as is_inpatient_bill,
        false as is_changed_to_outpatient,
        false as is_unrelated_stay
    from {{ ref('int_charge_transaction__netted') }}
),

-- Claims say what their account was charged while one of their submissions is in force.
-- Of a claim whose facility nobody mapped only number and days are known: what was
-- posted under that number in those days is taken to be on it, and counts once, there.
charged_by_claim as (
    select account_id
    from {{ ref('int_claim__located') }}
    where in_force_count > 0
    union
    select posted.account_id
    from {{ ref('int_charge_transaction__netted') }} as posted
    inner join {{ ref('int_claim__located') }} as claim
        on
            substr(posted.account_id, length(posted.facility_code) + 2)
            = claim.account_number
            and posted.service_date
            between claim.statement_from_date and claim.statement_through_date
    where claim.facility_code = 'unmapped' and claim.in_force_count > 0
),

spoken_for as (
    select distinct on (account_id)
        account_id,
        facility_code,
        payer_code,
        ms_drg,
        is_inpatient_bill,
        is_changed_to_outpatient,
        is_unrelated_stay,
        precedence < 3 as has_claim,
        case when precedence < 3 then document_id end as claim_id,
        billed_from_date
    from bill
    order by account_id, precedence, document_id collate "C"
)

select
    spoken_for.*,
    charged_by_claim.account_id is not null as is_charged_by_claim
from spoken_for
left join charged_by_claim on spoken_for.account_id = charged_by_claim.account_id
