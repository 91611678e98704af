-- No entry reached the ERP without an attempt written before
select
    'post.entry ' || entry.natural_key as subject,
    'it is ' || entry.state || ' and no attempt is on record' as problem
from post.entry as entry
where
    entry.state in ('SENDING', 'POSTED', 'UNKNOWN', 'CONFLICT', 'REJECTED')
    and not exists (
        select from post.attempt as attempt
        where attempt.entry_id = entry.entry_id
    )
