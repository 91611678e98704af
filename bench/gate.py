"""The gate's suites over a million rows compared with one SQL pass, in CPU-seconds.

`python bench/gate.py [ROWS]` (1000000) starts an embedded PostgreSQL of its own, makes
a table of that many rows, and asks 30 checks of it: a floor, a key, eleven columns that
are never null and seventeen kinds of rows that must not be. One SQL pass is a single
select that counts all of it, one after the other with the suites, which Great
Expectations evaluates; client and server together. They are asked where all hold, and
where three do not. Nothing of it is left behind.
"""

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from landing import Server, cost

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "include"))

import psycopg

from ledgerline.quality.check import Status
from ledgerline.quality.expectations import evaluate
from ledgerline.quality.relation import Relation
from ledgerline.quality.suite import Expectation, Kind, Suite

ROUNDS = 5
GOAL = 2.5
AMOUNTS = tuple(f"amount_{n}" for n in range(1, 9))
COLUMNS = ("charge_id", "facility_code", "service_date", *AMOUNTS)
FORBIDDEN = {
    **{f"{name}_negative": f"{name} < 0" for name in AMOUNTS},
    **{f"{name}_far": f"{name} > 1000000" for name in AMOUNTS},
    "of_no_facility": "facility_code not in ('A', 'B', 'C')",
}
TABLE = f"""
create schema if not exists candidate_marts;
create table candidate_marts.line as
select
    'C' || n as charge_id,
    chr(65 + n % 3) as facility_code,
    date '2026-01-01' + n % 365 as service_date,
    {", ".join(f"(n % 99991 + 0.01)::numeric(18, 2) as {a}" for a in AMOUNTS)}
from generate_series(1, {{rows}}) as n
"""
SPOILED = """
update candidate_marts.line set amount_1 = null where charge_id = 'C7';
update candidate_marts.line set amount_2 = -1 where charge_id = 'C8';
update candidate_marts.line set charge_id = 'C9' where charge_id = 'C10';
"""


def demands():
    yield Expectation(name="floor", kind=Kind.ROW_FLOOR, floor="one")
    yield Expectation(name="key", kind=Kind.UNIQUE, columns=("charge_id",))
    for name in COLUMNS:
        yield Expectation(name=f"{name}_there", kind=Kind.NOT_NULL, columns=(name,))
    for name, condition in FORBIDDEN.items():
        query = f"select 1 from batch where {condition}"
        yield Expectation(name=name, kind=Kind.NO_ROWS, query=query)


def one_pass(connection):
    """Count everything by one select."""
    conditions = [f"{name} is null" for name in COLUMNS] + list(FORBIDDEN.values())
    counts = ", ".join(f"count(*) filter (where {each})" for each in conditions)
    connection.execute(
        f"select count(*), count(*) - count(distinct charge_id), {counts} "
        "from candidate_marts.line"
    ).fetchone()


def main(rows):
    relation = Relation(
        target_schema="marts", name="line", candidate_schema="candidate_marts", key=()
    )
    suite = Suite(relation=relation, expectations=tuple(demands()))
    folder = Path(tempfile.mkdtemp(prefix="bench_gate_"))
    folder.chmod(0o755)
    server = Server(folder)
    try:
        dsn = server.dsn
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(TABLE.format(rows=rows))
            for fails, change in ((0, "select 1"), (3, SPOILED)):
                connection.execute(change)
                connection.execute("vacuum analyze candidate_marts.line")
                statuses = evaluate(dsn, [suite], {"one": 1})
                found = [*statuses.values()].count(Status.FAIL)
                assert found == fails, statuses
                pairs = [
                    (
                        cost(server, lambda: evaluate(dsn, [suite], {"one": 1})),
                        cost(server, lambda: one_pass(connection)),
                    )
                    for _ in range(ROUNDS)
                ]
                suites, single = (
                    statistics.median(each) for each in zip(*pairs, strict=True)
                )
                print(
                    f"gate: {len(statuses)} checks of {rows:,} rows, {fails} fail: "
                    f"{suites:.2f} s, one SQL pass {single:.2f} s, "
                    f"{suites / single:.2f} times (goal: at most {GOAL})"
                )
    finally:
        server.postgres.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:] or ["1000000"]))
