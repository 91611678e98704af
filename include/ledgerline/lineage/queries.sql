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

-- name: add
insert into ops.quarantined_record (
    batch_id, source, resource_type, class, locator, stage, message, owner,
    file_id, byte_offset, byte_length, due_at
)
select
    record.batch_id,
    batch.source,
    record.resource_type,
    %(class)s,
    file.name || '@' || record.byte_offset,
    'lineage',
    %(message)s,
    %(owner)s,
    record.file_id,
    record.byte_offset,
    record.byte_length,
    record.received_at + %(patience)s
from raw_billing.record as record
inner join raw_billing.file as file on record.file_id = file.file_id
inner join ops.landing_batch as batch on record.batch_id = batch.batch_id
where
    record.record_id = %(record_id)s
    and not exists (
        select from ops.quarantined_record as known
        where
            known.stage = 'lineage'
            and known.source = batch.source
            and known.file_id = record.file_id
            and known.byte_offset = record.byte_offset
            and known.status in ('open', 'dismissed')
    );

-- name: settle
-- What waited and has found what it refers to.
update ops.quarantined_record as known
set status = 'replayed'
where
    known.stage = 'lineage'
    and known.status = 'open'
    and not exists (
        select from raw_billing.record as record
        where
            record.file_id = known.file_id
            and record.byte_offset = known.byte_offset
            and record.record_id = any(%(record_ids)s::bigint [])
    );
