"""A journal entry and a stock issue, posted, certified, and all that is behind them."""

import psycopg

from ledgerline.operations.certificate.certificate import certify
from ledgerline.posting import drain, propose, release
from tests.integration.posting.stub_erp import POLICY, Erp, StubPort, running
from tests.integration.posting.warehouse import journal, publish, stock

LANDED = """
    with batch as (
        insert into ops.landing_batch (source, status, received_count, landed_count)
        values ('billing', 'complete', 1, 1) returning batch_id
    ), file as (
        insert into raw_billing.file (
            batch_id, name, content_sha256, size_bytes, format
        )
        select batch_id, 'a.837', sha256('abc'), 3, 'x' from batch returning *
    ), chunk as (
        insert into raw_billing.file_chunk select file_id, 0, 'abc' from file
    )
    insert into raw_billing.record (
        file_id, batch_id, resource_type, resource_id, content_sha256, byte_offset,
        byte_length, body
    )
    select file_id, batch_id, '837.claim', 'c', sha256('c'), 0, 1, '{}' from file
"""
CHECKED = """
    insert into ops.check_result (
        evaluation_id, run_id, stage, suite, check_name, engine, severity, status
    ) values (gen_random_uuid(), 'run', 'candidates', 's', 'c', 'gx', 'block', 'pass')
"""
FACTS = """
    create schema if not exists published;
    create table published.conformed__fct_supply_usage as
    select *, 1 as published_from, null::bigint as published_to
    from conformed.fct_supply_usage;
    create table published.outbound__out_journal_fact as
    select *, 1 as published_from, null::bigint as published_to
    from outbound.out_journal_fact
"""
USAGES = """
    with batch as (
        insert into ops.landing_batch (source, status, received_count, landed_count)
        values ('ehr', 'complete', 1, 1) returning batch_id
    ), file as (
        insert into raw_ehr.file (batch_id, name, content_sha256, size_bytes, format)
        select batch_id, 'u.ndjson', sha256('u'), 1, 'x' from batch returning *
    ), chunk as (
        insert into raw_ehr.file_chunk select file_id, 0, 'u' from file
    ), record as (
        insert into raw_ehr.record (
            file_id, batch_id, resource_type, resource_id, content_sha256, byte_offset,
            byte_length, body
        )
        select file_id, batch_id, 'Usage', 'u', sha256('u'), 0, 1, '{}' from file
        returning record_id
    )
    select 'U1' as supply_usage_id, 'MVH' as facility_code,
        date '2026-01-07' as usage_date, '' as hold_reason,
        'MVH-6010-STO' as stock_location_code, 'ITM00001' as item_code,
        'L1' as lot_number, 3.0000 as quantity, 'u' as quantity_unit,
        15.00 as supply_cost, record_id
    from record
"""


def post_two(dsn):
    """Post a journal entry and a stock issue, and certify them."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(LANDED)
        connection.execute(CHECKED)
        usages = connection.execute(USAGES).fetchone()
        connection.execute(
            """
            create table conformed.fct_supply_usage (
                supply_usage_id text, facility_code text, usage_date date,
                hold_reason text, stock_location_code text, item_code text,
                lot_number text, quantity numeric(18, 4), quantity_unit text,
                supply_cost numeric(18, 2), record_id bigint
            )
            """
        )
        marks = ", ".join(["%s"] * len(usages))
        connection.execute(
            f"insert into conformed.fct_supply_usage values ({marks})", usages
        )
    publish(dsn, journal("100.10"), stock("3", lot="L1"))
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(FACTS)
    with running(Erp()) as port:
        propose(dsn)
        release(dsn)
        assert drain(dsn, StubPort(port), POLICY).posted == 2
    certify(dsn)
    return dsn
