"""A published warehouse in miniature: outbound rows and the verdict over them."""

import uuid
from decimal import Decimal

import psycopg

OUTBOUND = """
create table if not exists outbound.out_journal_line (
    journal_line_id text, document_kind text, facility_code text, posting_date date,
    hold_class text, account_code text, cost_center_code text, service_line_code text,
    amount numeric(18, 2)
);
create table if not exists outbound.out_stock_issue_line (
    stock_issue_line_id text, document_kind text, facility_code text,
    posting_date date, hold_class text, location_code text, item_code text,
    lot_number text, quantity numeric(18, 4), unit text, amount numeric(18, 2)
);
create table if not exists outbound.out_journal_fact (
    journal_fact_id text, document_kind text, facility_code text, posting_date date,
    event_date date, hold_class text, account_code text, cost_center_code text,
    service_line_code text, amount numeric(18, 2), fact_name text, fact_id text,
    record_id bigint
);
create table if not exists outbound.out_requisition_line (
    requisition_line_id text, document_kind text, facility_code text,
    posting_date date, hold_class text, location_code text, item_code text,
    quantity numeric(18, 4), unit text
);
truncate outbound.out_journal_line, outbound.out_stock_issue_line,
    outbound.out_journal_fact, outbound.out_requisition_line;
"""


def journal(amount, facility="MVH", day="2026-01-11", kind="patient_revenue", hold=""):
    """Two balanced lines: receivable against revenue."""
    amount = Decimal(amount)
    key = (kind, facility, day, hold)
    return [
        (*key, "11200", "", "", amount),
        (*key, "40100", f"{facility}-6010", "cardiovascular", -amount),
    ]


def stock(quantity, item="ITM00001", lot="", facility="MVH", day="2026-01-11", hold=""):
    """One item out of the operating room's store."""
    store = f"{facility}-6010-STO"
    amount = Decimal(quantity) * 5
    return [
        (
            "stock_issue",
            facility,
            day,
            hold,
            store,
            item,
            lot,
            Decimal(quantity),
            amount,
        )
    ]


def need(quantity, item="ITM00001", facility="MVH", day="2026-01-11"):
    """One item that the operating room's store asks for, in all."""
    store = f"{facility}-6010-STO"
    return [("requisition", facility, day, "", store, item, Decimal(quantity))]


def publish(dsn, lines=(), issues=(), verdict="PASS", held=(), needs=()):
    """Replace the outbound rows and publish them under a verdict."""
    with psycopg.connect(dsn) as connection:
        connection.execute(OUTBOUND)
        for line in lines:
            connection.execute(
                "insert into outbound.out_journal_line values "
                "(gen_random_uuid(), %s, %s, %s, %s, %s, %s, %s, %s)",
                line,
            )
            connection.execute(
                "insert into outbound.out_journal_fact values (gen_random_uuid(), "
                "%(k)s, %(f)s, %(d)s, %(d)s, %(h)s, %(a)s, %(c)s, %(s)s, %(x)s, "
                "'fct_charge', 'fact', 1)",
                dict(zip("kfdhacsx", line, strict=True)),
            )
        for issue in issues:
            *key, amount = issue
            connection.execute(
                "insert into outbound.out_stock_issue_line values "
                "(gen_random_uuid(), %s, %s, %s, %s, %s, %s, %s, %s, 'u', %s)",
                [*key, amount],
            )
        for each in needs:
            connection.execute(
                "insert into outbound.out_requisition_line values "
                "(gen_random_uuid(), %s, %s, %s, %s, %s, %s, %s, 'u')",
                each,
            )
        return _verdict(connection, verdict, list(held))


def _verdict(connection, verdict, held):
    data_hash = uuid.uuid4().hex
    (decision,) = connection.execute(
        """
        insert into ops.gate_decision (
            run_id, gate, verdict, data_hash, suite_hash, evaluated_count,
            required_count, held_facilities, code_version
        ) values ('run', 'publication', %s, %s, 'suite', 1, 1, %s, 'test')
        returning decision_id
        """,
        [verdict, data_hash, held],
    ).fetchone()
    if verdict == "BLOCK":
        return None
    (publication,) = connection.execute(
        """
        insert into ops.publication (
            decision_id, data_hash, suite_hash, verdict, code_version, held_facilities
        ) values (%s, %s, 'suite', %s, 'test', %s) returning publication_id
        """,
        [decision, data_hash, verdict, held],
    ).fetchone()
    return publication


def rows(dsn, statement, values=None):
    """Run one query as the owner."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        return connection.execute(statement, values).fetchall()


def states(dsn):
    """Count the entries by state."""
    found = rows(dsn, "select state, count(*) from post.entry group by 1")
    return dict(found)
