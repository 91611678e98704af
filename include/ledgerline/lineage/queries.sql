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

-- name: correlate
select ops.correlate_encounters();

-- name: correlated
-- The instances that an identifier names, each with its names and accounts.
with wanted as (
    select named.instance_id
    from ops.workflow_subject as named
    where
        named.subject in ('visit', 'encounter')
        and (
            named.subject_id = %(identifier)s
            or (named.account_number <> '' and named.account_number = %(identifier)s)
            or case named.subject
                when 'visit'
                    then 'hl7v2|' || named.sending_facility || '|' || named.subject_id
                else named.subject_id
            end = any(%(encounters)s::text [])
        )
    union
    select instance.instance_id
    from ops.workflow_instance as instance
    where instance.instance_id::text = %(identifier)s
)
select
    wanted.instance_id,
    array_agg(
        concat_ws(' ', named.subject, nullif(named.sending_facility, ''), named.subject_id)
        order by named.subject, named.subject_id
    ),
    array_agg(distinct named.account_number) filter (where named.account_number <> '')
from wanted
inner join ops.workflow_subject as named on wanted.instance_id = named.instance_id
where named.subject in ('visit', 'encounter')
group by wanted.instance_id
order by min(named.subject_id);

-- name: encounters_of_claim
select distinct claim.encounter_id
from conformed.fct_claim as claim
where claim.claim_id = %(identifier)s and claim.encounter_id is not null;

-- name: links
select
    chain.link, chain.natural_key, chain.parent_key, chain.state, chain.amount,
    chain.happened_at, chain.owner, chain.next_action, chain.detail, chain.file_name,
    chain.byte_offset
from ops.encounter_chain(%(correlation_id)s) as chain
order by
    chain.link_number, chain.happened_at, chain.natural_key, chain.parent_link,
    chain.parent_key;

-- name: clock
select clock_timestamp();

-- name: attempts_since
-- The calls to the ERP that began since, and what became of each.
select
    entry.natural_key, entry.document_type, entry.publication_id, entry.erp_document,
    attempt.attempt_number, attempt.started_at, attempt.ended_at, attempt.outcome
from post.attempt as attempt
join post.entry as entry using (entry_id)
where attempt.started_at >= %(moment)s
order by attempt.started_at, entry.natural_key;
