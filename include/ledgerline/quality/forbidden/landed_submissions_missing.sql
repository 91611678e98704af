-- Every landed 837 claim is a submission of a claim, once.
-- relation: conformed.fct_claim_submission
-- needs: conformed.fct_claim
-- severity: block
select coalesce(landed.resource_id, submission.claim_submission_id)
    as claim_submission_id
from (
    select resource_id
    from raw_billing.current_record
    where resource_type = '837.claim'
) as landed
full join batch as submission on landed.resource_id = submission.claim_submission_id
left join candidate_conformed.fct_claim as claim
    on submission.claim_id = claim.claim_id
where landed.resource_id is null or claim.claim_id is null
