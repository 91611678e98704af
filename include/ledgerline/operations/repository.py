"""The queries behind `ledgerline status`, `trace` and `exceptions`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from ledgerline.store.engine import Connection

Rows = Sequence[tuple[Any, ...]]

_LANDED = """
select
    batch.source,
    count(*) as batches,
    sum(batch.received_count),
    sum(batch.landed_count),
    sum(batch.quarantined_count),
    sum(batch.duplicate_count)
from ops.landing_batch as batch
where batch.started_at >= %(since)s and batch.status = 'complete'
group by batch.source
order by batch.source
"""

_QUARANTINED = """
select source, class, resource_type, count(*), min(locator), min(message)
from ops.quarantined_record
where status = 'open'
group by source, class, resource_type
order by source, class, resource_type
"""

_DOCUMENTS = """
select
    document_kind,
    count(*) filter (where posted_at >= %(since)s) as new_documents,
    count(*) filter (where state = 'POSTED') as documents,
    coalesce(sum(total_amount) filter (where state = 'POSTED'), 0) as amount,
    (
        array_agg(erp_document order by length(erp_document), erp_document)
        filter (where state = 'POSTED')
    )[1] as first_document,
    (
        array_agg(erp_document order by length(erp_document) desc, erp_document desc)
        filter (where state = 'POSTED')
    )[1] as last_document,
    count(*) filter (where state not in ('POSTED', 'CANCELLED')) as not_posted
from post.entry
group by document_kind
order by document_kind
"""

_OPEN_ENTRIES = """
select
    entry.state, coalesce(nullif(entry.hold_class, ''), held.categories, ''),
    count(*), sum(entry.total_amount)
from post.entry as entry
left join (
    select entry_id, string_agg(distinct category, ', ') as categories
    from post.held_entry group by entry_id
) as held using (entry_id)
where entry.state not in ('POSTED', 'CANCELLED')
group by 1, 2
order by 1, 2
"""

_MISSING_CODES = """
select kind, code, home, owner, entry_count, total_amount
from post.missing_code
order by total_amount desc, kind, code
"""

_BREAKERS = """
select adapter, position, failures, since, nullif(until, to_timestamp(0))
from post.erp_breaker
where failures > 0
order by adapter
"""

_RECONCILIATION = """
select system_pair, count(*), sum(abs(difference_amount))
from marts.reconciliation
group by system_pair
order by system_pair
"""

_SERVICE_LINES = """
select
    line.service_line_code,
    sum(line.encounter_count),
    sum(line.gross_charge_amount),
    sum(line.net_revenue_amount),
    sum(
        line.labor_cost + line.supply_cost + line.implant_cost + line.drug_cost
        + line.other_direct_cost + line.overhead_cost
    ),
    sum(line.operating_margin_amount)
from marts.service_line_profitability as line
group by line.service_line_code
order by sum(line.operating_margin_amount) desc
"""

_RAW_SCHEMAS = """
select schemaname from pg_catalog.pg_tables
where schemaname like 'raw\\_%' and tablename = 'file_chunk'
order by schemaname
"""

_STORED_FILES = """
select file.file_id, file.name, file.content_sha256
from {zone}.file as file
where exists (
    select from {zone}.file_chunk as chunk where chunk.file_id = file.file_id
)
order by file.file_id
"""

_LOST_RECORDS = """
select record.record_id
from {zone}.record as record
left join {zone}.file as file on record.file_id = file.file_id
left join ops.landing_batch as batch on record.batch_id = batch.batch_id
where file.file_id is null or batch.batch_id is null
order by record.record_id
"""

_BYTES_SHOWN = "select audit.append(%s, %s, 'bytes_shown', %s)"

_ENTRY = """
select
    entry.entry_id, entry.natural_key, entry.state, entry.erp_document,
    entry.total_amount, entry.publication_id, publication.verdict, entry.attempts,
    entry.document_type
from post.entry as entry
inner join ops.publication as publication
    on entry.publication_id = publication.publication_id
where %(identifier)s in (
    entry.entry_id::text, entry.natural_key, 'LL|' || entry.natural_key,
    entry.erp_document
)
order by entry.document_kind, entry.created_at desc
"""

# The facts as they were published when the entry was proposed.
_ENTRY_SOURCES = """
with fact as (
    select * from post.facts_behind(array[%(entry_id)s::uuid])
),
source as (
    select record_id, file_id, byte_offset, byte_length, 'billing' as zone
    from raw_billing.record
    union all
    select record_id, file_id, byte_offset, byte_length, 'ehr' as zone
    from raw_ehr.record
    union all
    select record_id, file_id, byte_offset, byte_length, 'erp' as zone
    from raw_erp.record
),
container as (
    select file_id, name, content_sha256, 'billing' as zone from raw_billing.file
    union all
    select file_id, name, content_sha256, 'ehr' as zone from raw_ehr.file
    union all
    select file_id, name, content_sha256, 'erp' as zone from raw_erp.file
)
select
    concat(fact.fact_name, ' ', fact.fact_id), fact.amount, fact.event_date,
    container.name, source.byte_offset, source.byte_length,
    encode(container.content_sha256, 'hex')
from fact
inner join source
    on
        fact.record_id = source.record_id
        and source.zone = fact.zone
inner join container
    on source.file_id = container.file_id and source.zone = container.zone
order by fact.fact_name, fact.fact_id, fact.amount
"""


def breaks(connection: Connection, query: str) -> list[tuple[str, str]]:
    """Return the rows (subject, problem) of a promise's query."""
    return [(row[0], row[1]) for row in connection.execute(query).fetchall()]


def raw_schemas(connection: Connection) -> list[str]:
    """Return the names of the raw schemas."""
    return [row[0] for row in connection.execute(_RAW_SCHEMAS).fetchall()]


def stored_files(connection: Connection, schema: str) -> Rows:
    """File id, name, SHA-256 of every file whose bytes a raw schema keeps."""
    query = sql.SQL(_STORED_FILES).format(zone=sql.Identifier(schema))
    return connection.execute(query).fetchall()


def lost_records(connection: Connection, schema: str) -> list[int]:
    """Ids of the records of a raw schema whose file or batch is not on record."""
    query = sql.SQL(_LOST_RECORDS).format(zone=sql.Identifier(schema))
    return [row[0] for row in connection.execute(query).fetchall()]


def note_bytes_shown(
    connection: Connection, subject: str, subject_id: str, detail: dict[str, str]
) -> None:
    """Put on the audit chain that somebody looks at bytes as received."""
    connection.execute(_BYTES_SHOWN, [subject, subject_id, Jsonb(detail)])


def entries(connection: Connection, identifier: str) -> Rows:
    """Id, key, state, ERP document, USD, publication, verdict, attempts, ERP's type.

    The ERP numbers documents of each type apart, so a number may name several.
    """
    return connection.execute(_ENTRY, {"identifier": identifier}).fetchall()


def entry_sources(connection: Connection, entry_id: object) -> Rows:
    """Fact, USD, date, file, byte offset, length, SHA-256 of the file."""
    return connection.execute(_ENTRY_SOURCES, {"entry_id": entry_id}).fetchall()


def landed(connection: Connection, since: datetime) -> Rows:
    """Source, batches, received, landed, quarantined, duplicate."""
    return connection.execute(_LANDED, {"since": since}).fetchall()


def quarantined(connection: Connection) -> Rows:
    """Source, class, type, count, an example's locator and message."""
    return connection.execute(_QUARANTINED).fetchall()


def documents(connection: Connection, since: datetime) -> Rows:
    """Kind, new, posted, amount in USD, first and last ERP number, not posted."""
    return connection.execute(_DOCUMENTS, {"since": since}).fetchall()


def open_entries(connection: Connection) -> Rows:
    """State, what it is held for, count, amount in USD."""
    return connection.execute(_OPEN_ENTRIES).fetchall()


def missing_codes(connection: Connection) -> Rows:
    """Kind, code, where to add it, owner, held entries, amount in USD."""
    return connection.execute(_MISSING_CODES).fetchall()


def breakers(connection: Connection) -> Rows:
    """Adapter, position, calls that failed, since when, nothing is sent before."""
    return connection.execute(_BREAKERS).fetchall()


def reconciliation(connection: Connection) -> Rows:
    """Pair of systems, lines compared, sum of absolute differences in USD."""
    return connection.execute(_RECONCILIATION).fetchall()


def service_lines(connection: Connection) -> Rows:
    """Service line, encounters, gross, net revenue, cost, operating margin in USD."""
    return connection.execute(_SERVICE_LINES).fetchall()
