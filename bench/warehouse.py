"""The warehouse built whole and in increments, in CPU-seconds of the database.

`python bench/warehouse.py [LINES ...] [--increments PERCENT ...] [--only-build]` starts
an embedded PostgreSQL for each size (1000000), lands the sandbox hospital, copies its
records into the quarters of five years until they bill that many charge lines, its
ledger with them, and builds and publishes: all, then after 0, 1 and 10 percent more
lines, or as told, and once more as if on another day. The first increment after code
changed is dbt's; those after it run what it compiled.
Nine of ten lines of an increment are of new accounts of the newest month, one is a late
charge to a claim of the newest half year. Given two sizes, it compares their full
builds, and their first publications. CPU is that of every server process, clients
apart; a model's share is what the processes took while they worked for it. The cost
engine is compared with the models that it is made of. A million lines need 25 GB of
disk and half an hour of two cores; only built, they need 20. Nothing is left behind.
"""

import argparse
import secrets
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from landing import Server
from watch import Watch

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "include"), str(ROOT)]

import psycopg
from psycopg.conninfo import conninfo_to_dict

from ledgerline.publication.publish import publish
from ledgerline.quality.relation import data_hash, published_relations, read_manifest
from ledgerline.quality.repository.candidates import hash_relations
from ledgerline.store.engine import connect
from ledgerline.store.roles import set_passwords
from ledgerline.transformation.build import (
    FIRST,
    LAST,
    DbtWorkspace,
    profile_environment,
)
from ledgerline.transformation.scope import end_stage, open_scope
from ledgerline.transformation.stage import build_stage
from tests.warehouse.build import PROJECT, land_sandbox

STATEMENTS = {
    part.split("\n", 1)[0].strip(): part.split("\n", 1)[1]
    for part in (Path(__file__).parent / "warehouse_scale.sql")
    .read_text(encoding="utf-8")
    .split("-- name: ")[1:]
}
QUARTERS = 20
"""How many quarters the copies are of: the sandbox hospital tells of one."""
SETTLED_SECONDS = 15
"""How long no autovacuum works before a step is watched: three times its nap."""
GOALS = {0: 5, 1: 12, 10: 40}
"""At most this percentage of the full build's CPU for a change of so many percent."""
GROWTH = 1.1
"""More lines may cost at most this times the ratio of their numbers."""
DECISION = """
insert into ops.gate_decision (
    run_id, gate, verdict, data_hash, suite_hash, evaluated_count, required_count,
    code_version
)
values (%s, 'publication', 'PASS', %s, '-', 1, 1, '-')
"""


class Bench:
    """A warehouse of copied records, and what building and publishing it costs."""

    def __init__(self, server, home):
        self.server, self.home, self.dsn = server, home, server.dsn
        self.password = secrets.token_urlsafe(12)
        self.copies = self.runs = 0
        set_passwords(self.dsn, {"build": self.password})
        land_sandbox(self.dsn, home)
        known = conninfo_to_dict(self.dsn)
        place = (known["host"], int(known["port"]), known["dbname"])
        self.profile = profile_environment(*place, "ledgerline_build", self.password)
        self.workspace = DbtWorkspace(
            project=PROJECT, target=home / "dbt", logs=home / "dbt" / "logs"
        )
        self.run("vacuum_often")
        self.run("reload")
        self.run("prepare")
        for name in ("date_billing_back", "date_ehr_back"):
            self.run(name, quarters=QUARTERS)

    def run(self, name, **values):
        """Run a statement of warehouse_scale.sql; return its first value, if any."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            done = connection.execute(STATEMENTS[name], values or None)
            return done.fetchone()[0] if done.description else None

    def copy(self, tag, count, *, only_newest=False):
        """Land so many copies of the hospital, or of its newest accounts."""
        span = {
            "tag": tag,
            "first": self.copies + 1,
            "last": self.copies + count,
            "only_newest": only_newest,
            "quarters": 1 if only_newest else QUARTERS,
        }
        for name in ("copy_billing", "copy_ehr", "copy_visits"):
            self.run(name, **span)
        self.copies += count
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute("vacuum analyze raw_billing.record, raw_ehr.record")
            connection.execute("vacuum analyze raw_ehr.folded_visit")

    def grow(self, lines):
        """Land copies until the claims have about so many lines."""
        base = int(self.run("base_lines"))
        self.copy("c", max(1, round(lines / base) - 1))
        self.run("copy_ledger", copies=self.copies, quarters=QUARTERS)

    def change(self, percent):
        """Land so many percent more lines."""
        wanted = int(self.run("lines")) * percent / 100
        newest = round(0.9 * wanted / int(self.run("newest_lines")))
        self.copy(f"i{percent}x", max(1, newest), only_newest=True)
        self.run("late_charges", tag=f"l{percent}x", count=round(0.1 * wanted))

    @contextmanager
    def watched(self):
        """Watch the server once autovacuum has done what earlier steps left to it."""
        seconds = 0
        while seconds < SETTLED_SECONDS:
            time.sleep(1)
            seconds = 0 if self.run("vacuuming") else seconds + 1
        with Watch(self.server) as took:
            yield took

    def build(self):
        """Build everything with its tests; return the scope and what it took."""
        with self.watched() as took:
            scope = open_scope(self.dsn, PROJECT)
            for stage in (FIRST, LAST):
                built = build_stage(self.dsn, stage, self.workspace, self.profile)
                assert built.is_success, f"see {self.workspace.logs}"
                end_stage(self.dsn, is_success=True, is_last=stage == LAST)
        return scope, took

    def manifest(self):
        """Return what dbt knows of the project."""
        return read_manifest(self.home / "dbt" / "manifest.json")

    def publish(self):
        """Hash the candidates, decide that they pass, publish them."""
        relations = published_relations(self.manifest())
        self.runs += 1
        run_id = f"run-{self.runs}"
        with self.watched() as took:
            with connect(self.dsn) as connection, connection.transaction():
                found = data_hash(hash_relations(connection, relations))
                connection.execute(DECISION, [run_id, found])
            publish(self.dsn, run_id, self.home / "dbt" / "manifest.json")
        return took

    def copy_facts(self):
        """Copy every fact, with an index on its key, and throw the copy away."""
        relations = published_relations(self.manifest())
        facts = [each for each in relations if each.name.startswith("fct_")]
        with self.watched() as took, connect(self.dsn) as connection:
            for fact in facts:
                name = f"bench.{fact.name}"
                connection.execute(
                    f"create table {name} as "
                    f"select * from {fact.candidate_schema}.{fact.name}"
                )
                connection.execute(f"create index on {name} ({', '.join(fact.key)})")
                connection.execute(f"drop table {name}")
        return took


def measure(lines, percents, *, is_published):
    """Build a warehouse of so many lines; print ratios.

    Returns the CPU-seconds of the full build and of its publication, if it was.
    """
    with started() as bench:
        bench.grow(lines)
        print(f"== {bench.run('lines')} charge lines", flush=True)
        scope, full = bench.build()
        print(f"{scope}: {full.cpu:.1f} CPU-s, peak {full.peak / 2**20:.0f} MB")
        full.tell_nodes()
        full.tell_engine(bench.manifest())
        print(f"  {bench.run('costed'):.0%} of the ledger's cost is in encounters")
        print(f"  the database has {bench.run('size') / 2**30:.1f} GB", flush=True)
        if not is_published:
            return (full.cpu,)
        published = bench.publish()
        print(
            f"first publication / full build: {published.cpu / full.cpu:.1%}  "
            f"({published.cpu:.1f} CPU-s, peak {published.peak / 2**20:.0f} MB)",
            flush=True,
        )
        ratio = full.cpu / bench.copy_facts().cpu
        print(f"full build / indexed copy of the facts: {ratio:.2f}  goal <= 4.5")
        if percents:
            increments(bench, full, percents)
    return full.cpu, published.cpu


def increments(bench, full, percents):
    """Build and publish increments of so many percent; print what each costs."""
    before = increment(bench, 0, full, "run by dbt, ")
    for percent in percents:
        share = increment(bench, percent, full)
        if percent:
            slope = (share - before) / percent
            print(f"cost of one percent, at {percent} %: {slope:.1%}", flush=True)
        else:
            before = share
    bench.run("another_day")
    increment(bench, 0, full, "on another day, ")


def increment(bench, percent, full, when=""):
    """Build and publish so many percent more; print and return its share of `full`."""
    if percent:
        bench.change(percent)
    scope, took = bench.build()
    share = took.cpu / full.cpu
    print(
        f"{when}{percent} % more lines / full build: {share:.1%}  "
        f"goal <= {GOALS[percent]} %  ({scope}; peak {took.peak / 2**20:.0f} MB)"
    )
    took.tell_nodes()
    ratio = bench.publish().cpu / took.cpu
    print(f"  its publication / the increment: {ratio:.2f}  goal < 1", flush=True)
    return share


@contextmanager
def started():
    """Yield a bench on a server of its own; nothing of it is left behind."""
    home = Path(tempfile.mkdtemp(prefix="bench_warehouse_"))
    home.chmod(0o755)
    server = Server(home / "postgres")
    try:
        yield Bench(server, home)
    finally:
        server.postgres.stop()
        shutil.rmtree(home, ignore_errors=True)


def main():
    """Measure every size that is asked for."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("lines", nargs="*", type=int, default=[1_000_000])
    asked.add_argument(
        "--increments", nargs="*", type=int, choices=GOALS, default=list(GOALS)
    )
    asked.add_argument("--only-build", action="store_true")
    told = asked.parse_args()
    costs = [
        measure(size, told.increments, is_published=not told.only_build)
        for size in told.lines
    ]
    if len(costs) == 2:
        tell_growth(*sorted(zip(told.lines, costs, strict=True)))


def tell_growth(smaller, larger):
    """Print what a build and a publication of more lines cost compared with fewer."""
    (few, fewer), (many, more) = smaller, larger
    goal = GROWTH * many / few
    for name, pick in (
        ("full build", slice(1)),
        ("publication", slice(1, 2)),
        ("both", slice(2)),
    ):
        if pick.stop > len(more):
            continue
        ratio = sum(more[pick]) / sum(fewer[pick])
        print(f"{many} / {few} lines, {name}: {ratio:.2f}  goal <= {goal:.2f}")


if __name__ == "__main__":
    main()
