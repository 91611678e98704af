-- The numbers that payers gave to claims, by which a later submission may name them.
select
    record_id,
    payer_claim_control_number as reference_number,
    payee_npi as billing_npi,
    charge_amount,
    payment_date as known_date
from {{ ref('stg_billing__remittance_claim') }}
where not is_reversal
union all
select
    record_id,
    payer_claim_control_number as reference_number,
    split_part(claim_id, '|', 1) as billing_npi,
    charge_amount,
    acknowledged_date as known_date
from {{ ref('stg_billing__claim_acknowledgement') }}
where not is_rejected
