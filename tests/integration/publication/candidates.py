"""Small candidates by hand: two relations, a manifest, and a gate that passed."""

import json
from dataclasses import replace

import psycopg
from psycopg import sql

from ledgerline.publication.publish import publish
from ledgerline.quality.candidates import JUDGED_ROWS, define_suites
from ledgerline.quality.check import CheckResult, Severity, Stage, Status
from ledgerline.quality.gate import decide, required_checks
from ledgerline.quality.relation import data_hash, data_tests, published_relations
from ledgerline.quality.repository.candidates import hash_relations
from ledgerline.quality.repository.results import save_results
from ledgerline.store.engine import connect


def model(schema, name, key, columns, description=""):
    return {
        "resource_type": "model",
        "schema": schema,
        "name": name,
        "alias": name,
        "description": description,
        "config": {"meta": {"published": True, "key": key}},
        "columns": {
            column: {"name": column, "description": text}
            for column, text in columns.items()
        },
    }


CHARGE = model(
    "candidate_conformed",
    "fct_fee",
    ["fee_id"],
    {"fee_id": "Key of the fee", "amount": "USD"},
    "One row per fee",
)
MARGIN = model(
    "candidate_marts",
    "margin",
    ["service_month", "facility_code"],
    {"amount": "USD, the sum of all fees"},
    "One row per month and facility",
)


_CHANGE = """
delete from {candidate} as c where not exists (select from {wanted} as w where w = c);
insert into {candidate}
select w.* from {wanted} as w
where not exists (select from {candidate} as c where w = c)
"""
FEES = [("f1", "MVH", 10), ("f2", "MVH", 20), ("f3", "LGH", 30)]
MORE = [("f1", "MVH", 11), ("f3", "LGH", 33), ("f4", "LGH", 40), ("f5", "NRC", 50)]


class Warehouse:
    """A migrated database, its manifest, and the steps of a run."""

    def __init__(self, dsn, folder):
        self.dsn = dsn
        self.path = folder / "manifest.json"
        self.runs = 0
        self.describe(CHARGE, MARGIN)

    def describe(self, *models):
        self.path.write_text(
            json.dumps({"nodes": {f"model.l.{m['name']}": m for m in models}})
        )

    def execute(self, text, values=None):
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            return self.fetch(connection.execute(text, values))

    @staticmethod
    def fetch(cursor):
        return cursor.fetchall() if cursor.description else []

    def build(self, fees, schemas=("candidate_conformed", "candidate_marts")):
        """Build both candidates anew from (fee_id, facility_code, amount)."""
        fee, margin = (f"{schemas[0]}.fct_fee", f"{schemas[1]}.margin")
        self.execute(
            f"drop table if exists {fee}, {margin};"
            f"create table {fee} "
            "(fee_id text, facility_code text, amount numeric(18,2));"
        )
        with psycopg.connect(self.dsn) as connection:
            connection.cursor().executemany(
                f"insert into {fee} values (%s, %s, %s)", fees
            )
        self.execute(
            f"create table {margin} as select date '2026-01-01' as "
            "service_month, facility_code, sum(amount)::numeric(18,2) as amount "
            f"from {fee} group by facility_code"
        )

    def change(self, fees):
        """Bring the candidates to these fees in place, as an increment does."""
        self.build(fees, ("build", "build"))
        for schema, name in [
            ("candidate_conformed", "fct_fee"),
            ("candidate_marts", "margin"),
        ]:
            self.execute(
                _CHANGE.format(candidate=f"{schema}.{name}", wanted=f"build.{name}")
            )

    def pass_gate(self, held=(), failed=(), without=()):
        """Record results of every required check and decide; return the run."""
        self.runs += 1
        run_id = f"run-{self.runs}"
        manifest = json.loads(self.path.read_text())
        relations = published_relations(manifest)
        with connect(self.dsn) as connection:
            with connection.transaction():
                found = data_hash(hash_relations(connection, relations))
                suites = define_suites(connection, relations)
            required = required_checks(suites, data_tests(manifest))
            results = [
                self._result(check, found, str(check) in failed)
                for check in sorted(required)
                if str(check) not in without
            ]
            results += [
                replace(
                    results[0],
                    check=replace(results[0].check, name=f"volume_{facility}"),
                    severity=Severity.HOLD,
                    status=Status.FAIL,
                    scope_facility=facility,
                )
                for facility in held
            ]
            save_results(connection, run_id, results)
        self.decision = decide(self.dsn, run_id, self.path)
        return run_id

    def publish(self, **gate):
        """Pass the gate as told and publish."""
        return publish(self.dsn, self.pass_gate(**gate), self.path)

    @staticmethod
    def _result(check, found, is_failed):
        return CheckResult(
            check=check,
            stage=Stage.CANDIDATES,
            severity=Severity.BLOCK,
            status=Status.FAIL if is_failed else Status.PASS,
            observed=found if check == JUDGED_ROWS else "",
        )

    def read(self, relation):
        schema, name = relation.split(".")
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            return sorted(
                connection.execute(
                    sql.SQL("select * from {}").format(sql.Identifier(schema, name))
                ).fetchall()
            )
