-- Every mapping in force was approved by a second person, unchanged
select
    'changeset ' || changeset.changeset_id as subject,
    case
        when changeset.rows_sha256 <> reference.changeset_sha256(changeset.changeset_id)
            then 'its mappings are others now'
        when lower(btrim(changeset.decided_by)) = lower(btrim(changeset.proposed_by))
            then 'its proposer approved it'
        else 'its approval is not on the audit chain'
    end as problem
from reference.changeset as changeset
where
    changeset.state = 'approved'
    and (
        changeset.rows_sha256 <> reference.changeset_sha256(changeset.changeset_id)
        or lower(btrim(changeset.decided_by)) = lower(btrim(changeset.proposed_by))
        or not exists (
            select from audit.event
            where
                event.subject = 'reference.changeset'
                and event.subject_id = changeset.changeset_id::text
                and event.action = 'approved'
                and event.detail ->> 'by' = changeset.decided_by
                and event.detail ->> 'rows_sha256' = changeset.rows_sha256
        )
    )
