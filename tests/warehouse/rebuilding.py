"""A warehouse that is built again and again while things happen to its accounts."""

import json
import secrets
import shutil
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ledgerline.events.fold import fold_visits
from ledgerline.store.roles import set_passwords
from ledgerline.transformation.build import (
    FIRST,
    LAST,
    DbtWorkspace,
    profile_environment,
)
from ledgerline.transformation.scope import end_stage, open_scope
from ledgerline.transformation.stage import build_stage
from tests.dbt_manifest import prime
from tests.warehouse.build import PROJECT, assert_dbt, started_dbt
from tests.warehouse.changes import ACCOUNTS, CHANGES, HELD, LAND, WITHHOLD
from tests.warehouse.publishing import run_on_server

ZONES = ("raw_billing", "raw_ehr")
CANDIDATES = """
select format('%I.%I', schemaname, tablename) from pg_catalog.pg_tables
where schemaname like 'candidate\\_%' and tablename <> 'out_journal_event'
order by 1
"""
"""Every relation that is published; the journal's events are a step on the way."""
MADE = """
select format('%I.%I', schemaname, tablename) from pg_catalog.pg_tables
where
    schemaname like 'candidate\\_%' or schemaname in ('staging', 'intermediate')
    or (schemaname = 'build' and tablename in ('outcome', 'touched'))
order by 1
"""
"""Every relation that a build makes, and what it notes of them."""


class Warehouse:
    """A copy of a built one that can be copied; its name stays, so dbt parses once.

    Some records of `accounts` were taken away, to be landed later.
    """

    def __init__(self, dsn, target, chance, count):
        self.target, self.chance, self.name = target, chance, "increments"
        template = conninfo_to_dict(dsn)["dbname"]
        self.dsn = make_conninfo(dsn, dbname=self.name)
        self.password = secrets.token_urlsafe(12)
        self.steps = 0
        run_on_server(dsn, f"create database {self.name} template {template}")
        set_passwords(self.dsn, {"build": self.password})
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(HELD)
            known = [row[0] for row in connection.execute(ACCOUNTS).fetchall()]
            self.accounts = chance.sample(known, min(count, len(known)))
            self.later = _withhold(connection, chance, self.accounts)
        self.build(is_full=True)

    def land(self):
        """Land half of what was taken away."""
        half = len(self.later) // 2 + 1
        landed, self.later = self.later[:half], self.later[half:]
        values = {"records": landed, "tag": str(self.steps)}
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            for zone in ZONES:
                connection.execute(LAND.format(zone=zone), values)

    def change(self, accounts):
        """Let something happen to each account; tell what."""
        self.steps += 1
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            return [
                self._change(connection, account, f"{self.steps}.{number}")
                for number, account in enumerate(accounts)
            ]

    def _change(self, connection, account, tag):
        kind = self.chance.choice(sorted(CHANGES))
        other = self.chance.choice(self.accounts)
        connection.execute(
            CHANGES[kind], {"account": account, "other": other, "tag": tag}
        )
        return account, kind

    def build(self, *, is_full=False):
        """Build all models and say whether it was an increment."""
        fold_visits(self.dsn)
        scope = open_scope(self.dsn, PROJECT, is_full=is_full)
        assert_dbt(self.dsn, self.target, self.password, "run")
        end_stage(self.dsn, is_success=True, is_last=True)
        return scope

    def build_stages(self, *, by_plan):
        """Build both stages as the product does; return each node's result.

        The first plan that dbt leaves is kept for all later builds.
        """
        plan, aside = self.target / "increment", self.target / "aside"
        if not by_plan and plan.exists():
            plan.rename(aside)
        known = conninfo_to_dict(self.dsn)
        place = [known["host"], int(known["port"]), known["dbname"]]
        prime(self.target, *place)
        profile = profile_environment(*place, "ledgerline_build", self.password)
        workspace = DbtWorkspace(
            project=PROJECT, target=self.target, logs=self.target / "logs"
        )
        fold_visits(self.dsn)
        scope = open_scope(self.dsn, PROJECT)
        assert scope.is_increment, scope
        found = {}
        for stage in (FIRST, LAST):
            built = build_stage(self.dsn, stage, workspace, profile)
            assert built.is_success
            end_stage(self.dsn, is_success=True, is_last=stage == LAST)
            told = json.loads(built.run_results.read_text())
            assert ("metadata" in told) != by_plan, "built the other way"
            found |= {
                each["unique_id"]: (each["status"], each["failures"])
                for each in told["results"]
                if not each["unique_id"].startswith("seed.")
            }
        if aside.exists():
            shutil.rmtree(plan)
            aside.rename(plan)
        return found

    def begin(self, count):
        """Begin a build and return dbt's process once it has made so many models."""
        fold_visits(self.dsn)
        scope = open_scope(self.dsn, PROJECT)
        process = started_dbt(self.dsn, self.target, self.password, "run")
        done = 0
        for line in process.stdout:
            done += " OK " in line
            if done == count:
                return scope, process
        raise AssertionError(f"dbt made {done} models only")

    def rows(self, relations=CANDIDATES):
        """Every row of some relations as text, by relation; of all candidates."""
        with psycopg.connect(self.dsn) as connection:
            return {
                name: connection.execute(
                    sql.SQL("select kept::text from {} as kept order by 1").format(
                        sql.SQL(name)
                    )
                ).fetchall()
                for (name,) in connection.execute(relations).fetchall()
            }

    def places(self):
        """Where the rows of every candidate lie, and what made each, by relation."""
        with psycopg.connect(self.dsn) as connection:
            return {
                name: connection.execute(
                    sql.SQL(
                        "select pg_relation_filenode({}), "
                        "(select array_agg((ctid, xmin)::text) from {})"
                    ).format(sql.Literal(name), sql.SQL(name))
                ).fetchall()
                for (name,) in connection.execute(CANDIDATES).fetchall()
            }

    def changed(self):
        """The models of which the last build changed rows, parts apart."""
        with psycopg.connect(self.dsn) as connection:
            found = connection.execute(
                "select node from build.outcome where is_changed and not is_part"
            ).fetchall()
        return {node.split(".")[-1] for (node,) in found}

    def happen(self, *statements, **values):
        """Run statements as the superuser."""
        values["tag"] = f"happened {self.steps}"
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement, values)

    @contextmanager
    def copy(self):
        """Work on a copy for a while; what happens to it has not happened after."""
        steps, later = self.steps, self.later
        run_on_server(
            self.dsn,
            f"alter database {self.name} rename to kept",
            f"create database {self.name} template kept",
        )
        try:
            yield
        finally:
            run_on_server(
                self.dsn,
                f"drop database {self.name} with (force)",
                f"alter database kept rename to {self.name}",
            )
            self.steps, self.later = steps, later

    def rows_of_a_full_build(self):
        """The rows of a copy that is built whole."""
        with self.copy():
            self.build(is_full=True)
            return self.rows()


def _withhold(connection, chance, accounts):
    """Take some records of each account away; return them in any order."""
    taken = set()
    for account in accounts:
        records = [
            row[0]
            for row in connection.execute(
                "select record_id from held.record where account = %s order by 1",
                [account],
            )
        ]
        taken.update(chance.sample(records, chance.randint(0, len(records))))
    later = sorted(taken)
    connection.execute("truncate raw_ehr.event_identifier, raw_ehr.event cascade")
    connection.execute("truncate raw_ehr.folded_visit, raw_ehr.folded_appointment")
    for zone in ZONES:
        connection.execute(WITHHOLD.format(zone=zone), {"records": later})
    chance.shuffle(later)
    return later


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
