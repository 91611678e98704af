"""Landed records and candidates of a tiny network, by hand."""

import json

from ledgerline.quality.candidates import check_candidates
from ledgerline.quality.gate import decide
from ledgerline.quality.sources import check_sources

CANDIDATES = """
create table candidate_conformed.fct_encounter (
    encounter_id text, facility_code text, is_counted boolean, service_month date,
    start_date date, end_date date, drg_weight numeric(10,4)
);
create table candidate_conformed.fct_charge (
    charge_id text, claim_id text, encounter_id text, record_id bigint,
    facility_code text, service_line_code text, hold_reason text default '',
    charge_amount numeric(18,2), service_date date, service_month date,
    is_billed boolean default true
);
create table candidate_conformed.fct_claim (
    claim_id text, record_id bigint, facility_code text,
    submitted_charge_amount numeric(18,2), gross_charge_amount numeric(18,2),
    open_amount numeric(18,2) default 0, life_cycle_state text default 'accepted'
);
create table candidate_conformed.fct_claim_submission (
    claim_submission_id text, claim_id text, record_id bigint, facility_code text,
    is_in_force boolean default true
);
create table candidate_conformed.fct_payment (
    payment_id text, claim_id text, remittance_id text, facility_code text,
    has_claim boolean, paid_amount numeric(18,2)
);
create table candidate_conformed.fct_provider_adjustment (
    provider_adjustment_id text, remittance_id text, facility_code text,
    adjustment_amount numeric(18,2)
);
"""
KEYS = {
    "fct_encounter": ["encounter_id"],
    "fct_charge": ["charge_id"],
    "fct_claim": ["claim_id"],
    "fct_claim_submission": ["claim_submission_id"],
    "fct_payment": ["payment_id"],
    "fct_provider_adjustment": ["provider_adjustment_id"],
}


class Network:
    """A migrated database in which encounters, claims and payments are laid out."""

    def __init__(self, dsn, folder, connection):
        self.dsn = dsn
        self.connection = connection
        self.path = folder / "manifest.json"
        self.runs = 0
        self.publish(*KEYS)

    def publish(self, *names):
        nodes = {
            f"model.l.{name}": {
                "resource_type": "model",
                "schema": "candidate_conformed",
                "name": name,
                "config": {"meta": {"published": True, "key": KEYS[name]}},
            }
            for name in names
        }
        self.path.write_text(json.dumps({"nodes": nodes}))

    def execute(self, text, values=None):
        cursor = self.connection.execute(text, values)
        return cursor.fetchall() if cursor.description else []

    def insert(self, table, rows):
        marks = ", ".join(["%s"] * len(rows[0]))
        with self.connection.transaction():
            self.connection.cursor().executemany(
                f"insert into {table} values ({marks})", rows
            )

    def land(self, source, kind, bodies):
        """Land records by id; return their record numbers."""
        ((batch,),) = self.execute(
            "insert into ops.landing_batch (source, status, received_count, "
            "landed_count) values (%s, 'complete', %s, %s) returning batch_id",
            [source, len(bodies), len(bodies)],
        )
        ((file,),) = self.execute(
            f"insert into raw_{source}.file (batch_id, name, content_sha256, "
            "size_bytes, format) values (%s, 'x', '', 1, 'x') returning file_id",
            [batch],
        )
        return dict(
            self.execute(
                f"insert into raw_{source}.record (file_id, batch_id, resource_type, "
                "resource_id, content_sha256, byte_offset, byte_length, body) "
                "select %s, %s, %s, key, sha256(convert_to(value::text, 'UTF8')), 0, "
                "1, value from jsonb_each(%s) returning resource_id, record_id",
                [file, batch, kind, json.dumps(bodies)],
            )
        )

    def encounters(self, facility, count, month="2026-01"):
        names = [f"{facility}-{month}-{i}" for i in range(count)]
        self.land("ehr", "Encounter", {n: {"id": n} for n in names})
        dates = (f"{month}-01", f"{month}-02", f"{month}-03")
        self.insert(
            "candidate_conformed.fct_encounter",
            [(name, facility, True, *dates, None) for name in names],
        )
        return names

    def bill(self, facility, encounters, day="2026-03-20", amount="100.00"):
        """Land one claim with one line an encounter, and build claim and charge."""
        bodies = {
            name: {
                "claim_id": f"claim-{name}",
                "charge_amount": amount,
                "lines": [{"line_number": "1", "charge_amount": amount}],
            }
            for name in encounters
        }
        if not bodies:
            return
        landed = self.land("billing", "837.claim", bodies).items()
        self.insert(
            "candidate_conformed.fct_claim",
            [
                (f"claim-{n}", record, facility, amount, amount, 0, "accepted")
                for n, record in landed
            ],
        )
        self.insert(
            "candidate_conformed.fct_claim_submission",
            [(n, f"claim-{n}", record, facility, True) for n, record in landed],
        )
        line = ("cardiovascular", "", amount, day, f"{day[:7]}-01")
        self.insert(
            "candidate_conformed.fct_charge",
            [
                (f"charge-{n}", f"claim-{n}", n, record, facility, *line)
                for n, record in landed
            ],
        )

    def pay(self, facility, count, orphans=0, amount="60.00"):
        """Land one 835 with payments, the first of them for claims nobody knows."""
        names = [f"pay-{facility}-{i}" for i in range(count)]
        total = str(float(amount) * count)
        self.land("billing", "835.transaction", {facility: {"payment_amount": total}})
        self.land("billing", "835.claim", {n: {"paid_amount": amount} for n in names})
        self.insert(
            "candidate_conformed.fct_payment",
            [
                (name, f"c-{name}", facility, facility, i >= orphans, amount)
                for i, name in enumerate(names)
            ],
        )

    def map_billing(self, *facilities):
        for facility in facilities:
            self.execute(
                "insert into reference.crosswalk values ('facility', 'billing', '*', "
                "%s, %s, '2020-01-01', null, 'test', now())",
                [f"npi-{facility}", facility],
            )

    def judge(self):
        """Check sources and candidates and decide; return the decision."""
        self.runs += 1
        run_id = f"run-{self.runs}"
        check_sources(self.dsn, run_id)
        check_candidates(self.dsn, run_id, self.path)
        return decide(self.dsn, run_id, self.path)


def effects(decision):
    return {
        (r["check"].split("/")[-1], r["effect"], r.get("facility"))
        for r in decision.reasons
    }


def healthy(network):
    network.map_billing("MVH", "LGH")
    for facility in ("MVH", "LGH"):
        network.bill(facility, network.encounters(facility, 25))
        network.pay(facility, 25)
