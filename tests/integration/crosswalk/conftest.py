"""A network with two facilities and three payers, and the uses of its payer codes."""

import psycopg
import pytest

from ledgerline.crosswalk.load import load_reference
from ledgerline.crosswalk.table import TABLES
from tests.integration.crosswalk.steward import TABLES_OF_THE_NETWORK, Steward

_AFRESH = """
set session_replication_role = replica;
truncate reference.changeset_impact, reference.changeset_row, reference.changeset,
    ops.publication, ops.gate_decision restart identity cascade;
drop table if exists conformed.fct_code_usage;
create table conformed.fct_code_usage (
    code_set text, source_system text, facility_code text, native_code text,
    canonical_code text, record_kind text, native_name text, record_count bigint,
    usage_amount numeric(18, 2), usage_date date
);
"""


@pytest.fixture
def steward(warehouse_dsn, tmp_path):
    with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
        connection.execute(_AFRESH)
    folder = tmp_path / "reference"
    folder.mkdir()
    for table in TABLES:
        rows = [",".join(table.columns), *TABLES_OF_THE_NETWORK.get(table.name, [])]
        (folder / f"{table.name}.csv").write_text("\n".join(rows) + "\n")
    load_reference(warehouse_dsn, folder)
    return Steward(warehouse_dsn, folder)
