-- No audit event was changed, removed or slipped in
select
    'audit.event ' || broken.event_id as subject,
    broken.problem
from audit.broken_event() as broken
