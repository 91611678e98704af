-- Where many entries wait behind others of their keys, a claim looks at each of them: as
-- a function, that look took longer than all else of posting.

-- What may be claimed, as far as its order key says: nothing before it is unsettled.
create view post.next_entry with (security_invoker) as
select entry.entry_id, entry.order_sequence, entry.next_at, entry.attempts
from post.entry as entry
where entry.state = 'READY' and (
    -- A look at the index for each; as `not exists` it would be a join that reads all.
    select earlier.entry_id from post.entry as earlier
    where earlier.order_key = entry.order_key
        and earlier.order_sequence < entry.order_sequence
        and earlier.state not in ('POSTED', 'CANCELLED')
        and earlier.waived_publication_id is null
    limit 1
) is null;
comment on view post.next_entry is
'One row per READY entry with nothing unsettled before it in its order key';
-- To lock one asks for a right to update it; what may be written is the entry's to say.
grant select, update (next_at) on post.next_entry to ledgerline_poster;

-- Whoever claims is held to the same view: does a READY entry wait for an earlier one?
create or replace function post.is_blocked(key text, sequence bigint) returns boolean
language sql stable as $$
    select not exists (
        select from post.next_entry where next_entry.order_sequence = sequence
    )
$$;

-- At each turn a worker asks what is in doubt, and what was tried too often or for too
-- long: each by an index of its own, not among all that is READY.
drop index post.entry_next_at_idx;
create index entry_in_doubt on post.entry (next_at) where state = 'UNKNOWN';
create index entry_tried on post.entry (order_sequence)
where state = 'READY' and attempts > forgiven_attempts;

-- The claim is found by its entry: by its state it was found among all that are sent.
create or replace function post.guard_attempt() returns trigger language plpgsql as $$
declare
    claim post.entry;
begin
    select * into claim from post.entry where entry_id = new.entry_id;
    if not post.is_adopting() and (
        claim.state = 'CLAIMED' and claim.fence = new.fence
        and claim.attempts + 1 = new.attempt_number and claim.worker = new.worker
    ) is not true then
        perform post.refuse('ENTRY_WRITE_AHEAD', 'an attempt belongs to the claim that makes it');
    end if;
    return new;
end;
$$;
