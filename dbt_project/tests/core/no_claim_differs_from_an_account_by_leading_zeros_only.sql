{{ config(severity='warn') }}

-- Account numbers are compared as text, for `0012345` and `12345` may be two accounts:
-- a claim never joins the other. One whose own number the EHR does not know, while it
-- knows the number with more or fewer zeros before it, is probably the same account in
-- two spellings: its charges may count twice until the sender is corrected.
with known as (
    select
        facility_code,
        account_number
    from {{ ref('int_encounter__united') }}
    where account_number is not null
    union
    select
        facility_code,
        substr(account_id, length(facility_code) + 2) as account_number
    from {{ ref('int_charge_transaction__netted') }}
)

select
    claim.record_id,
    claim.gross_charge_amount
from {{ ref('int_claim__located') }} as claim
left join known as exact
    on
        claim.facility_code = exact.facility_code
        and claim.account_number = exact.account_number
where
    claim.facility_code <> 'unmapped'
    and exact.account_number is null
    and (claim.facility_code, ltrim(claim.account_number, '0')) in (
        select
            known.facility_code,
            ltrim(known.account_number, '0') as bare_number
        from known
    )
