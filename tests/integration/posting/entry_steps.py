"""Entries brought into a state: by its steps, or behind the rules' back."""


def force(connection, state):
    """Put the entry into a state behind the rules' back."""
    with connection.transaction():
        connection.execute("alter table post.entry disable trigger user")
        connection.execute(
            """
            update post.entry set state = %(state)s, worker = 'w', fence = 1,
                lease_until = clock_timestamp() + interval '1 minute',
                attempts = %(attempts)s,
                erp_document = case when %(state)s = 'POSTED' then 'J1' end,
                posted_at = case when %(state)s = 'POSTED' then clock_timestamp() end
            """,
            {"state": state, "attempts": int(state not in {"HELD", "READY"})},
        )
        connection.execute("alter table post.entry enable trigger user")


def claim(connection):
    """Take every entry to CLAIMED, as a worker does."""
    connection.execute("update post.entry set state = 'READY'")
    connection.execute(
        "update post.entry set state = 'CLAIMED', fence = 1, worker = 'w', "
        "lease_until = clock_timestamp() + interval '1 minute'"
    )


def write_attempt(connection, fence=1, facility="%", quiet_time="1 minute"):
    """Write ahead the first attempt of the entries of a facility, of all if none."""
    connection.execute(
        "insert into post.attempt (entry_id, attempt_number, fence, worker, "
        "adapter, quiet_time) select entry_id, 1, %s, 'w', 'stub', %s "
        "from post.entry where facility_code like %s",
        [fence, quiet_time, facility],
    )


def claim_and_send(connection):
    """Take every entry to SENDING, as a worker does."""
    claim(connection)
    write_attempt(connection)
    connection.execute("update post.entry set state = 'SENDING', attempts = 1")
