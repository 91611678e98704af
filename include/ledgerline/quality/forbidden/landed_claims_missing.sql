-- Every landed 837 claim is in the conformed layer, once.
-- relation: conformed.fct_claim
-- severity: block
select landed.claim_id
from (
    select distinct
        coalesce(
            body ->> 'claim_id',
            concat_ws('|', body ->> 'billing_npi', body ->> 'account_number')
        ) as claim_id
    from raw_billing.current_record
    where resource_type = '837.claim'
) as landed
full join batch as claim on landed.claim_id = claim.claim_id
where landed.claim_id is null or claim.claim_id is null
