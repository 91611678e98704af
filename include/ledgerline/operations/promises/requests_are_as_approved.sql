-- Every step that needs a second person had one, as it was asked for
select
    'request ' || request.request_id as subject,
    case
        when ops.is_same_person(request.decided_by, request.requested_by)
            then 'who asked for it approved it'
        when request.decided_at >= ops.request_expires_at(request.requested_at)
            then 'it was approved after it had expired'
        else 'its approval is not on the audit chain'
    end as problem
from ops.request as request
where
    request.state = 'approved'
    and (
        ops.is_same_person(request.decided_by, request.requested_by)
        or request.decided_at >= ops.request_expires_at(request.requested_at)
        or not exists (
            select from audit.event
            where
                event.subject = 'ops.request'
                and event.subject_id = request.request_id::text
                and event.action = 'approved'
                and event.detail ->> 'by' = request.decided_by
                and event.detail ->> 'action' = request.action
                and event.detail ->> 'scope_sha256' = request.scope_sha256
        )
    )
union all
select
    'post.entry ' || entry.natural_key as subject,
    'a step of it needs an approved request, and none was used' as problem
from post.entry as entry
where
    (
        entry.replayed_at is not null
        and not exists (
            select from ops.request_use as used
            where used.subject = entry.entry_id::text
        )
    )
    or (
        entry.reverses is not null
        and not exists (
            select from ops.request_use as used
            where used.subject = entry.reverses::text
        )
    )
