"""The warehouse built whole and in increments, in CPU-seconds of the database.

`python bench/warehouse.py [LINES ...]` (1000000) starts an embedded PostgreSQL, lands
the sandbox hospital, copies its records until they bill that many charge lines, and
builds: whole, then after 0, 1 and 10 percent more lines. Nine of ten lines of an
increment are of new accounts of the newest two months, one is a late charge to any
claim. Given two sizes, it compares their full builds. Nothing of it is left behind.
"""

import json
import os
import resource
import secrets
import shutil
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "include"), str(ROOT)]

import psycopg

from bench.landing import Server
from ledgerline.quality.relation import published_relations, read_manifest
from ledgerline.store.roles import set_passwords
from ledgerline.transformation.scope import end_stage, open_scope
from tests.warehouse.build import BUILD, PROJECT, assert_dbt, land_sandbox

STATEMENTS = {
    part.split("\n", 1)[0].strip(): part.split("\n", 1)[1]
    for part in (Path(__file__).parent / "warehouse_scale.sql")
    .read_text(encoding="utf-8")
    .split("-- name: ")[1:]
}
GOALS = {0: 5, 1: 12, 10: 40}
"""At most this percentage of the full build's CPU for a change of so many percent."""
PAGE = os.sysconf("SC_PAGE_SIZE")
SAMPLE_SECONDS = 0.5


class Bench:
    """A warehouse with copied records, and what building it costs."""

    def __init__(self, server, home):
        self.server, self.home, self.dsn = server, home, server.dsn
        self.password = secrets.token_urlsafe(12)
        self.copies = 0
        set_passwords(self.dsn, {"build": self.password})
        land_sandbox(self.dsn, home)
        self.run("prepare")

    def run(self, name, **values):
        """Run a statement of warehouse_scale.sql."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            return connection.execute(STATEMENTS[name], values or None)

    def value(self, name):
        """Return the number that a statement selects."""
        return int(self.run(name).fetchone()[0])

    def copy(self, tag, count, *, only_newest=False):
        """Land so many copies of the hospital, or of its newest accounts."""
        span = {
            "tag": tag,
            "first": self.copies + 1,
            "last": self.copies + count,
            "only_newest": only_newest,
        }
        for name in ("copy_billing", "copy_ehr", "copy_visits"):
            self.run(name, **span)
        self.copies += count
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute("analyze raw_billing.record")
            connection.execute("analyze raw_ehr.record")

    def change(self, percent):
        """Land so many percent more lines."""
        wanted = self.value("lines") * percent / 100
        newest = round(0.9 * wanted / self.value("newest_lines"))
        self.copy(f"i{percent}x", max(1, newest), only_newest=True)
        self.run("late_charges", tag=f"l{percent}x", count=round(0.1 * wanted))

    def build(self):
        """Build everything with its tests; return the scope and what it took."""
        with watched(self.server) as took:
            scope = open_scope(self.dsn, PROJECT)
            target = self.home / "dbt"
            assert_dbt(self.dsn, target, self.password, *BUILD, threads=2)
            end_stage(self.dsn, is_success=True, is_last=True)
        took["models"] = model_seconds(target / "run_results.json")
        return scope, took

    def copy_of_facts(self):
        """Return the CPU-seconds of copying every fact, with an index on its key."""
        relations = [
            relation
            for relation in published_relations(
                read_manifest(self.home / "dbt" / "manifest.json")
            )
            if relation.name.startswith("fct_")
        ]
        with (
            watched(self.server) as took,
            psycopg.connect(self.dsn, autocommit=True) as connection,
        ):
            for relation in relations:
                connection.execute(
                    f"create table bench.{relation.name} as "
                    f"select * from {relation.candidate_schema}.{relation.name}"
                )
                connection.execute(
                    f"create index on bench.{relation.name} ({', '.join(relation.key)})"
                )
        return took["cpu"]


@contextmanager
def watched(server):
    """Yield a dict that holds, in the end, the server's CPU-seconds and peak memory."""
    took, is_over = {"peak": 0}, threading.Event()

    def sample():
        while not is_over.wait(SAMPLE_SECONDS):
            took["peak"] = max(took["peak"], private_bytes(server.pid))

    watch = threading.Thread(target=sample)
    watch.start()
    before = server.cpu()
    try:
        yield took
    finally:
        time.sleep(0.2)
        took["cpu"] = server.cpu() - before
        is_over.set()
        watch.join()


def private_bytes(postmaster):
    """Return the memory of all server processes that is not shared."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
            if int(fields[1]) == postmaster:
                sizes = (stat.parent / "statm").read_text().split()
                total += (int(sizes[1]) - int(sizes[2])) * PAGE
        except OSError:
            continue
    return total


def model_seconds(results):
    """Return how long each node ran, from dbt's results."""
    found = json.loads(results.read_text(encoding="utf-8"))["results"]
    return {node["unique_id"]: node["execution_time"] for node in found}


def tell_models(seconds):
    """Print the share of the models and tests that took longest."""
    total = sum(seconds.values())
    tests = sum(s for name, s in seconds.items() if name.startswith("test."))
    print(f"  tests: {tests / total:.1%} of the time")
    longest = sorted(seconds.items(), key=lambda item: -item[1])[:12]
    for name, taken in longest:
        print(f"  {name.split('.')[2]}: {taken / total:.1%}")


def measure(lines):
    """Build a warehouse of so many lines; print ratios, return the full build's CPU."""
    with started() as bench:
        bench.copy("c", max(1, round(lines / bench.value("base_lines")) - 1))
        print(f"== {bench.value('lines')} charge lines")
        scope, full = bench.build()
        print(f"{scope}: {full['cpu']:.1f} CPU-s, peak {full['peak'] / 2**20:.0f} MB")
        tell_models(full["models"])
        facts = bench.copy_of_facts()
        ratio = full["cpu"] / facts
        print(f"full build / indexed copy of the facts: {ratio:.2f}  goal <= 4.5")
        costs = {}
        for percent, goal in GOALS.items():
            if percent:
                bench.change(percent)
            scope, took = bench.build()
            costs[percent] = took["cpu"] / full["cpu"]
            print(
                f"{percent} % more lines / full build: {costs[percent]:.1%}  "
                f"goal <= {goal} %  ({scope}; peak {took['peak'] / 2**20:.0f} MB)"
            )
            tell_models(took["models"])
        for percent in (1, 10):
            slope = (costs[percent] - costs[0]) / percent
            print(f"cost of one percent, at {percent} %: {slope:.1%}")
    return full["cpu"]


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
    sizes = [int(size) for size in sys.argv[1:]] or [1_000_000]
    costs = [measure(size) for size in sizes]
    if len(sizes) == 2:
        print(f"{sizes[1]} / {sizes[0]} lines: {costs[1] / costs[0]:.2f}  goal <= 5.5")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"largest child process: {peak / 1024:.0f} MB")


if __name__ == "__main__":
    main()
