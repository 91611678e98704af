{{ config(indexes=[{'columns': ['claim_id'], 'unique': true}]) }}

-- A replacement or void may come under an account number of its own: then the payer's
-- number (REF*F8) says which claim it continues, and all of them are one root claim.
with recursive known_number as (
    select
        claim_id,
        payee_npi as billing_npi,
        payer_claim_control_number as reference_number
    from {{ ref('stg_billing__remittance_claim') }}
    where payer_claim_control_number <> ''
    union
    select
        claim_id,
        split_part(claim_id, '|', 1) as billing_npi,
        payer_claim_control_number as reference_number
    from {{ ref('stg_billing__claim_acknowledgement') }}
    where payer_claim_control_number is not null
),

claim as (
    select
        claim_id,
        min(billing_npi) as billing_npi,
        min(original_reference) filter (where frequency_code in ('7', '8'))
            as original_reference,
        bool_and(frequency_code in ('7', '8')) as is_continuation
    from {{ ref('stg_billing__claim') }}
    group by claim_id
),

parent as (
    select
        claim.claim_id,
        min(known.claim_id) as parent_claim_id
    from claim
    inner join known_number as known
        on
            claim.billing_npi = known.billing_npi
            and claim.original_reference = known.reference_number
            -- Its own answer may repeat the number of the claim before.
            and claim.claim_id <> known.claim_id
    where claim.is_continuation
    group by claim.claim_id
),

way as (
    select
        claim_id,
        parent_claim_id,
        1 as step_count
    from parent
    union all
    select
        way.claim_id,
        parent.parent_claim_id,
        way.step_count + 1 as step_count
    from way
    inner join parent on way.parent_claim_id = parent.claim_id
    -- Two that name each other never end.
    where way.step_count < 20
),

root as (
    select distinct on (claim_id)
        claim_id,
        parent_claim_id
    from way
    order by claim_id asc, step_count desc
)

select
    claim.claim_id,
    coalesce(root.parent_claim_id, claim.claim_id) as root_claim_id
from claim
left join root on claim.claim_id = root.claim_id
