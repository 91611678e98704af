"""Publication of a change compared with publication of everything, in CPU-seconds.

`python bench/publication.py` starts an embedded PostgreSQL of its own and publishes
candidates of two sizes: built anew, and changed in place as an increment does. Each
cost is that of the gate's hash and of the publication, client and server together.
Nothing of it is left behind.
"""

import json
import shutil
import sys
import tempfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from landing import Server, cost

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "include"))

import psycopg

from ledgerline.publication.publish import publish
from ledgerline.quality.relation import data_hash, published_relations, read_manifest
from ledgerline.quality.repository.candidates import hash_relations
from ledgerline.store.engine import connect

SIZES = (100_000, 400_000)
SHARES = (0.0, 0.01, 0.1)
MODEL = {
    "resource_type": "model",
    "schema": "candidate_conformed",
    "name": "fct_charge",
    "config": {"meta": {"published": True, "key": ["charge_id"]}},
}
ROWS = """
select
    'claim-' || n / 7 || ':' || n % 7 as charge_id, 'claim-' || n / 7 as claim_id,
    'encounter-' || n / 9 as encounter_id, n as record_id,
    'F' || n % 5 as facility_code, 'D' || n % 40 as department_code,
    'C' || n % 60 as cost_center_code, 'rcc' as cost_method,
    'line ' || n % 12 as service_line_code, 'P' || n % 30 as payer_code,
    'commercial' as payer_class, lpad((n % 999)::text, 4, '0') as revenue_code,
    n % 3 = 0 as is_inpatient, n % 4 > 0 as is_adjudicated,
    (n % 90000 + {extra} * (hashint4(n) % 1000 = 0)::int)::numeric(18, 2)
        as charge_amount,
    1::numeric(18, 4) as service_quantity, 'unit' as service_quantity_unit,
    date '2026-01-01' + n % 365 as service_date, n * 100 as byte_offset
from generate_series(1, {size}) as n
"""
CHANGE = """
with gone as (
    delete from candidate_conformed.fct_charge
    where abs(hashint4(record_id)) % 1000 < {permille} returning *
)
insert into candidate_conformed.fct_charge
select
    (jsonb_populate_record(
        null::candidate_conformed.fct_charge,
        to_jsonb(gone) || jsonb_build_object('charge_amount', {amount})
    )).*
from gone
"""


class Bench:
    """A server, a manifest of one relation, and the steps of a run."""

    def __init__(self, server, manifest):
        self.server, self.manifest, self.runs = server, manifest, 0
        manifest.write_text(json.dumps({"nodes": {"model.l.fct_charge": MODEL}}))

    def execute(self, text):
        """Run one statement."""
        with psycopg.connect(self.server.dsn, autocommit=True) as connection:
            connection.execute(text)

    def build(self, size):
        """Build the candidate anew, one row in a thousand with another amount."""
        self.runs += 1
        self.execute("drop table if exists candidate_conformed.fct_charge")
        rows = ROWS.format(size=size, extra=self.runs)
        self.execute(f"create table candidate_conformed.fct_charge as {rows}")
        self.execute("analyze candidate_conformed.fct_charge")

    def change(self, share):
        """Change a share of the candidate's rows in place."""
        self.runs += 1
        permille = round(share * 1000)
        self.execute(CHANGE.format(permille=permille, amount=self.runs))

    def publish(self):
        """Hash the candidate, decide that it passes, publish it."""
        self.runs += 1
        with connect(self.server.dsn) as connection, connection.transaction():
            relations = published_relations(read_manifest(self.manifest))
            found = data_hash(hash_relations(connection, relations))
            connection.execute(
                "insert into ops.gate_decision (run_id, gate, verdict, data_hash, "
                "suite_hash, evaluated_count, required_count, code_version) "
                "values (%s, 'publication', 'PASS', %s, '-', 1, 1, '-')",
                [f"run-{self.runs}", found],
            )
        return publish(self.server.dsn, f"run-{self.runs}", self.manifest)


def measure(bench, size):
    """Return the CPU-seconds of a whole publication, and of changes by their share."""
    bench.build(size)
    bench.publish()
    bench.execute("vacuum analyze published.conformed__fct_charge")
    bench.build(size)
    whole = cost(bench.server, bench.publish)
    found = {}
    for share in SHARES:
        bench.change(share)
        found[share] = cost(bench.server, partial(bench.publish))
    return whole, found


@contextmanager
def started():
    """Yield a bench; nothing of it is left behind."""
    home = Path(tempfile.mkdtemp(prefix="bench_publication_"))
    home.chmod(0o755)
    server = Server(home / "postgres")
    try:
        yield Bench(server, home / "manifest.json")
    finally:
        server.postgres.stop()
        shutil.rmtree(home, ignore_errors=True)


def main():
    """Measure both sizes; print the ratios."""
    found = {}
    for size in SIZES:
        with started() as bench:
            whole, changes = found[size] = measure(bench, size)
        for share, seconds in changes.items():
            print(
                f"{size} rows, {share:.0%} changed / everything compared: "
                f"{seconds / whole:.3f} ({seconds:.2f} s of {whole:.2f} s)"
            )
    small, large = (found[size] for size in SIZES)
    times = SIZES[1] / SIZES[0]
    print(f"{times:.0f} times the rows, everything compared: {large[0] / small[0]:.2f}")
    for share in SHARES:
        print(
            f"{times:.0f} times the rows, {share:.0%} changed: "
            f"{large[1][share] / small[1][share]:.2f}"
        )


if __name__ == "__main__":
    main()
