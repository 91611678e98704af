"""A payer that nobody knows bills on the first day and is mapped on the second."""

import json
import secrets
from datetime import date
from decimal import Decimal

import pytest

from ledgerline.crosswalk.changeset.decide import approve, show
from ledgerline.crosswalk.changeset.propose import propose
from ledgerline.crosswalk.load import load_reference
from ledgerline.crosswalk.table import TABLES
from ledgerline.crosswalk.worklist.worklist import worklist
from ledgerline.landing.land import land_billing
from ledgerline.operations.mappings import print_changeset, print_worklist
from ledgerline.operations.verify import verify
from ledgerline.publication.history import diff
from ledgerline.store.roles import set_passwords
from tests.dbt_manifest import parsed_manifest
from tests.integration.crosswalk.steward import APPROVAL, HEADER
from tests.integration.publication.candidates import Warehouse
from tests.unit.connectors.x12_text import message
from tests.warehouse.build import assert_dbt, folder

pytestmark = pytest.mark.integration
PUBLISHED = ("dim_payer", "fct_charge", "fct_claim", "fct_code_usage", "unmapped_code")
KNOWN = message("claim_institutional_with_drg.837")
"""5,120.50 USD to BP001 for a stay from 2026-02-01 on."""
UNKNOWN = (
    KNOWN.replace(b"MVH0000009", b"MVH0000010")
    .replace(b"000000801", b"000000802")
    .replace(b"5120.50", b"7120.50")
    .replace(b"SV2*0120**4000.00", b"SV2*0120**6000.00")
    .replace(
        b"NM1*PR*2*BIG PAYER*****PI*BP001", b"NM1*PR*2*BLUE CROSS SHIELD*****PI*N7"
    )
)
BILLED = Decimal("7120.50")
REFERENCE = {
    "facility": ["MVH,Mercy Valley,2020-01-01,,"],
    "payer": [
        "BIG,Big Payer,commercial,,",
        "BCBS,Blue Cross Blue Shield,commercial,,",
        "MEDICARE,Medicare,medicare,,",
    ],
    "crosswalk": [
        f"facility,billing,*,1999999984,MVH,2020-01-01,,{APPROVAL}",
        f"payer,billing,MVH,BP001,BIG,2020-01-01,,{APPROVAL}",
    ],
}


UNMAPPED_THEN = """
select count(*), sum(charge_amount)
from conformed_history.fct_charge as charge
inner join marts_history.publication as publication
    on charge.shown_during @> publication.published_at
where publication.publication_id = %s and charge.payer_code = 'unmapped'
"""


class Hospital(Warehouse):
    """A warehouse that is built by dbt and published day by day."""

    def __init__(self, dsn, home):
        super().__init__(dsn, home)
        self.home = home
        self.password = secrets.token_urlsafe(12)
        set_passwords(dsn, {"build": self.password})
        self.dbt("seed")

    def dbt(self, *arguments):
        assert_dbt(self.dsn, self.home / "dbt", self.password, *arguments)

    def build_and_publish(self):
        """Build, judge and publish what the story reads; return the number."""
        self.dbt("run", "--select", *(f"+{name}" for name in PUBLISHED))
        known = parsed_manifest()["nodes"]
        nodes = {k: n for k, n in known.items() if n["name"] in PUBLISHED}
        self.path.write_text(json.dumps({"nodes": nodes}))
        return self.publish().publication_id

    def by_payer(self):
        return dict(
            self.execute(
                "select payer_code, sum(charge_amount) from conformed.fct_charge "
                "group by payer_code"
            )
        )


@pytest.fixture(scope="module")
def hospital(warehouse_dsn, tmp_path_factory):
    home = tmp_path_factory.mktemp("two_days")
    (home / "reference").mkdir()
    for table in TABLES:
        rows = [",".join(table.columns), *REFERENCE.get(table.name, [])]
        path = home / "reference" / f"{table.name}.csv"
        path.write_text("\n".join(rows) + "\n")
    (home / "billing").mkdir()
    (home / "billing" / "known.837").write_bytes(KNOWN)
    (home / "billing" / "unknown.837").write_bytes(UNKNOWN)
    load_reference(warehouse_dsn, home / "reference")
    report = land_billing(warehouse_dsn, folder("billing_x12", home / "billing"))
    assert (report.landed, report.quarantined) == (2, 0)
    return Hospital(warehouse_dsn, home)


def top_of_the_worklist(hospital):
    (row, suggestions), *_ = worklist(hospital.dsn, 10)
    code = (row.code_set, row.source_system, row.facility_code, row.native_code)
    assert code == ("payer", "billing", "MVH", "N7")
    assert (row.native_name, row.touched_amount) == ("BLUE CROSS SHIELD", BILLED)
    assert (row.first_seen_date, row.record_count) == (date(2026, 2, 1), 2)
    assert suggestions[0].reason == "similar name"
    return f"{','.join(code)},{suggestions[0].canonical_code},2026-01-01,"


def reviewed(hospital, mapping, publication):
    """Propose a mapping, look at what it moves, approve it."""
    change = hospital.home / "new_payer.csv"
    change.write_text(f"{HEADER}\n{mapping}\n")
    number = propose(hospital.dsn, change, "Ann Lee")
    _, impact = show(hospital.dsn, number)
    [move] = impact.moves
    assert (move.from_code, move.to_code, move.amount) == ("unmapped", "BCBS", BILLED)
    assert impact.publication_id == publication
    print_worklist(hospital.dsn, 10)
    print_changeset(hospital.dsn, number)
    approve(hospital.dsn, number, "Bo Kim")


def test_a_code_that_nobody_knows_is_mapped_on_the_second_day(hospital, capsys):
    first = hospital.build_and_publish()
    before = {"BIG": Decimal("5120.50"), "unmapped": BILLED}
    assert hospital.by_payer() == before

    reviewed(hospital, top_of_the_worklist(hospital), first)
    printed = capsys.readouterr().out
    assert "7,120.50" in printed
    assert "new_payer.csv" in printed
    assert hospital.by_payer() == before
    load_reference(hospital.dsn, hospital.home / "reference")

    second = hospital.build_and_publish()
    after = hospital.by_payer()
    assert after == {"BIG": Decimal("5120.50"), "BCBS": BILLED}
    assert sum(after.values()) == sum(before.values())
    assert "payer" not in {row.code_set for row, _ in worklist(hospital.dsn, 10)}

    [(unmapped, amount)] = hospital.execute(UNMAPPED_THEN, [first])
    assert amount == BILLED
    changed = {each.relation: each for each in diff(hospital.dsn, first, second)}
    assert changed["conformed.fct_charge"].changed == unmapped == 2
    assert changed["marts.unmapped_code"].removed == 1
    broken = [each for each in verify(hospital.dsn) if "audit" in each.sentence]
    assert [each.breaks for each in broken] == [()]
