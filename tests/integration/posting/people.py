"""What people do about entries that stand still, in few words."""

import psycopg

from ledgerline.operations.requests.decide import approve, ask
from ledgerline.operations.requests.request import Action, Ask
from ledgerline.posting import propose
from tests.integration.posting.warehouse import journal, publish, rows


def wanted(action, *subjects, by="Ann", document=None):
    return Ask(
        action=Action(action),
        subjects=subjects,
        by=by,
        reason="the ERP was down",
        erp_document=document,
    )


def agree(dsn, action, *subjects, document=None):
    """Ann asks, Bo approves."""
    number = ask(dsn, wanted(action, *subjects, document=document))
    return approve(dsn, number, "Bo")


def behind_the_rules(dsn, statement):
    """What only the owner of the machine can do."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(statement)


def dead_entries(dsn, count):
    """Publish as many documents, and let them be DEAD and unsent."""
    lines = [line for n in range(count) for line in journal("1.00", f"F{n:03}")]
    publish(dsn, lines)
    propose(dsn)
    behind_the_rules(dsn, "update post.entry set state = 'DEAD'")
    return [
        str(row[0])
        for row in rows(dsn, "select entry_id from post.entry order by order_sequence")
    ]
