"""Any sequence of increments leaves the rows that a full build leaves."""

import os
import random
import secrets

import psycopg
import pytest
from psycopg import sql

from ledgerline.events.fold import fold_visits
from ledgerline.store.roles import set_passwords
from ledgerline.transformation.scope import end_stage, open_scope
from tests.warehouse.build import PROJECT, assert_dbt
from tests.warehouse.changes import (
    ACCOUNTS,
    CHANGES,
    HELD,
    LAND,
    WITHHOLD,
)

pytestmark = pytest.mark.integration
SEED = int(os.environ.get("LEDGERLINE_INCREMENT_SEED", "20261128"))
SEQUENCES = int(os.environ.get("LEDGERLINE_INCREMENT_SEQUENCES", "40"))
"""How many accounts have a sequence of changes of their own, landed side by side."""
STEPS = int(os.environ.get("LEDGERLINE_INCREMENT_STEPS", "1"))
ZONES = ("raw_billing", "raw_ehr")
CANDIDATES = """
select format('%I.%I', schemaname, tablename) from pg_catalog.pg_tables
where schemaname like 'candidate\\_%' and tablename <> 'out_journal_event'
order by 1
"""
"""Every relation that is published; the journal's events are a step on the way."""


class Warehouse:
    """A warehouse that can be built and copied; its name stays, so dbt parses once."""

    def __init__(self, server, target):
        self.server, self.target = server, target
        self.name = "increments"
        self.dsn = server.dsn(self.name)
        self.password = secrets.token_urlsafe(12)
        self.run_on_server(f"create database {self.name} template built_warehouse")
        set_passwords(self.dsn, {"build": self.password})

    def run_on_server(self, *statements):
        with psycopg.connect(self.server.dsn(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def build(self, *, is_full=False):
        """Build all models and say whether it was an increment."""
        scope = open_scope(self.dsn, PROJECT, is_full=is_full)
        assert_dbt(self.dsn, self.target, self.password, "run")
        end_stage(self.dsn, is_success=True, is_last=True)
        return scope

    def rows(self):
        """Every candidate row as text, by relation."""
        with psycopg.connect(self.dsn) as connection:
            return {
                name: connection.execute(
                    sql.SQL("select kept::text from {} as kept order by 1").format(
                        sql.SQL(name)
                    )
                ).fetchall()
                for (name,) in connection.execute(CANDIDATES).fetchall()
            }

    def rows_of_a_full_build(self):
        """The same of a copy that is built whole."""
        self.run_on_server(
            f"alter database {self.name} rename to kept",
            f"create database {self.name} template kept",
        )
        try:
            self.build(is_full=True)
            return self.rows()
        finally:
            self.run_on_server(
                f"drop database {self.name} with (force)",
                f"alter database kept rename to {self.name}",
            )


def withhold(connection, chance, accounts):
    """Take some records of each account away, to land later, in any order."""
    later = []
    for account in accounts:
        records = [
            row[0]
            for row in connection.execute(
                "select record_id from held.record where account = %s order by 1",
                [account],
            )
        ]
        later += chance.sample(records, chance.randint(0, len(records)))
    connection.execute("truncate raw_ehr.event_identifier, raw_ehr.event cascade")
    connection.execute("truncate raw_ehr.folded_visit, raw_ehr.folded_appointment")
    for zone in ZONES:
        connection.execute(WITHHOLD.format(zone=zone), {"records": later})
    chance.shuffle(later)
    return later


def change(connection, chance, accounts, landed, step):
    """Land what was withheld, and let something happen to each account."""
    for zone in ZONES:
        connection.execute(
            LAND.format(zone=zone), {"records": landed, "tag": str(step)}
        )
    happened = []
    for number, account in enumerate(accounts):
        kind = chance.choice(sorted(CHANGES))
        connection.execute(
            CHANGES[kind],
            {
                "account": account,
                "other": chance.choice(accounts),
                "tag": f"{step}.{number}",
            },
        )
        happened.append((account, kind))
    return happened


def differences(found, expected):
    """The relations that differ, each with a row that one has and the other has not."""
    return {
        name: {
            "only after increments": list(set(found[name]) - set(rows))[:2],
            "only after a full build": list(set(rows) - set(found[name]))[:2],
        }
        for name, rows in expected.items()
        if found[name] != rows
    }


@pytest.fixture(scope="module")
def warehouse(built_warehouse, postgres_server, tmp_path_factory):
    return Warehouse(postgres_server, tmp_path_factory.mktemp("increments"))


def test_increments_leave_what_a_full_build_leaves(warehouse):
    print(f"seed {SEED}, {SEQUENCES} sequences of {STEPS} increments")
    chance = random.Random(SEED)
    with psycopg.connect(warehouse.dsn, autocommit=True) as connection:
        connection.execute(HELD)
        known = [row[0] for row in connection.execute(ACCOUNTS).fetchall()]
        accounts = chance.sample(known, min(SEQUENCES, len(known)))
        later = withhold(connection, chance, accounts)
    fold_visits(warehouse.dsn)
    warehouse.build(is_full=True)
    for step in range(STEPS):
        landed, later = later[: len(later) // 2 + 1], later[len(later) // 2 + 1 :]
        assert_equal_after(warehouse, chance, accounts, landed, step)
    assert_equal_after(warehouse, chance, chance.sample(accounts, 1), [], STEPS)


def assert_equal_after(warehouse, chance, accounts, landed, step):
    """Build an increment of these changes, and compare it with a full build.

    Changes of many accounts touch every month, those of one account leave most alone.
    """
    with psycopg.connect(warehouse.dsn, autocommit=True) as connection:
        happened = change(connection, chance, accounts, landed, step)
    fold_visits(warehouse.dsn)
    scope = warehouse.build()
    print(scope)
    assert scope.is_increment, scope
    found = warehouse.rows()
    assert not differences(found, warehouse.rows_of_a_full_build()), happened
