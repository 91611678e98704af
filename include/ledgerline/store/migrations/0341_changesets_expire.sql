-- A proposed change of mappings may be approved for 24 hours, whoever writes: what it
-- moves was weighed by someone who knows the day.
create function reference.changeset_expires_at(proposed_at timestamptz)
returns timestamptz
language sql stable as $$
    select proposed_at + interval '24 hours'
$$;

create function reference.refuse_expired(changeset reference.changeset) returns void
language plpgsql as $$
declare
    expires_at timestamptz := reference.changeset_expires_at(changeset.proposed_at);
begin
    if clock_timestamp() >= expires_at then
        perform post.refuse('CHANGESET_EXPIRED', format(
            'changeset %s expired on %s UTC, 24 hours after %s proposed it; '
            'propose its file again',
            changeset.changeset_id,
            to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
            changeset.proposed_by
        ));
    end if;
end;
$$;

create function reference.guard_changeset_expiry() returns trigger
language plpgsql as $$
begin
    perform reference.refuse_expired(old);
    return new;
end;
$$;
create trigger guard_changeset_expiry before update on reference.changeset
for each row when (old.state = 'proposed' and new.state = 'approved')
execute function reference.guard_changeset_expiry();
