-- name: take_turn
select pg_advisory_xact_lock(hashtext('ledgerline.lineage'));

-- name: waiting
-- Records that continue or take back what is not known, and why they wait.
select
    submission.record_id,
    'the claim replaces or voids one (REF*F8) that is not known; its charges wait'
    as message
from candidate_conformed.fct_claim_submission as submission
where submission.submission_state = 'waits_for_prior'
union all
select
    payment.record_id,
    'the reversal (CLP02 22) takes back a payment that is not known; its cash counts'
    as message
from candidate_conformed.fct_payment as payment
where payment.waits_for_original
order by record_id;
