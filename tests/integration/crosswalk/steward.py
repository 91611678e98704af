"""What a data steward does, in few words."""

import psycopg

from ledgerline.crosswalk.changeset.decide import approve, show
from ledgerline.crosswalk.changeset.propose import COLUMNS, propose
from ledgerline.crosswalk.load import load_reference

HEADER = ",".join(COLUMNS)
APPROVAL = "office,2026-01-01T00:00:00Z"
TABLES_OF_THE_NETWORK = {
    "facility": ["MVH,Mercy,2020-01-01,,", "NRC,Northridge,2026-01-01,,"],
    "payer": [
        "BCBS,Blue Cross Blue Shield,commercial,,",
        "EMPLOYER,Employer group plans,commercial,,",
        "MEDICARE,Medicare,medicare,,",
    ],
    "crosswalk": [
        f"payer,billing,MVH,60054,EMPLOYER,2015-01-01,,{APPROVAL}",
        f"payer,billing,*,14013,MEDICARE,2015-01-01,,{APPROVAL}",
    ],
}


def payer(code, meaning, begin="2026-01-01", end="", facility="NRC"):
    return f"payer,billing,{facility},{code},{meaning},{begin},{end}"


class Steward:
    """Proposes, looks and approves, under names of their own."""

    def __init__(self, dsn, folder):
        self.dsn = dsn
        self.folder = folder

    def execute(self, text, values=None):
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            cursor = connection.execute(text, values)
            return cursor.fetchall() if cursor.description else []

    def propose(self, *rows, by="Ann"):
        path = self.folder / "change.csv"
        path.write_text("\n".join([HEADER, *rows]) + "\n")
        return propose(self.dsn, path, by)

    def moves(self, number):
        _, impact = show(self.dsn, number)
        return [
            (move.from_code, move.to_code, move.record_kind, str(move.amount))
            for move in impact.moves
        ]

    def approve(self, *rows, by="Bo"):
        """Propose, look and approve; return the number."""
        number = self.propose(*rows)
        show(self.dsn, number)
        approve(self.dsn, number, by)
        return number

    def load(self, *crosswalk):
        rows = [f"{row},{APPROVAL}" for row in crosswalk]
        path = self.folder / "crosswalk.csv"
        path.write_text("\n".join([f"{HEADER},approved_by,approved_at", *rows]) + "\n")
        return load_reference(self.dsn, self.folder)

    def use(self, code, amount, day="2026-03-01", facility="NRC", meaning="unmapped"):
        """Publish that charges named a payer code."""
        self.execute(
            "insert into conformed.fct_code_usage values ('payer', 'billing', %s, %s, "
            "%s, 'charge', null, 1, %s, %s)",
            [facility, code, meaning, amount, day],
        )

    def publish(self):
        """Note a publication, as if the facts had been built again."""
        self.execute(
            "set session_replication_role = replica; "
            "insert into ops.publication (decision_id, data_hash, suite_hash, verdict, "
            "code_version) select count(*), '', '', 'PASS', '' from ops.publication"
        )

    def meaning(self, code, day, facility="NRC"):
        """What the mappings in force say, as the models ask them."""
        found = self.execute(
            "select canonical_code from reference.mapping where native_code = %s "
            "and facility_code in ('*', %s) and %s::date >= valid_from "
            "and %s::date < coalesce(valid_to, 'infinity') "
            "order by facility_code = '*', valid_from desc limit 1",
            [code, facility, day, day],
        )
        return found[0][0] if found else "unmapped"
