import json
from collections import Counter, defaultdict
from decimal import Decimal

import pytest
from pyx12.x12file import X12Reader

from tests.sandbox.splitter import component, segments

READ = ("control_number", "revenue_code", "charge", "service_date")
DELIMITERS = {"MVH": ("*", ":"), "LGH": ("*", ":"), "NRC": ("|", "^")}


@pytest.fixture(scope="session")
def claim_paths(sandbox):
    return [
        path
        for path in sorted((sandbox / "billing").glob("*_837*.edi"))
        if not path.name.endswith("_resent.edi")
    ]


def test_every_submission_is_the_sum_of_its_lines(billing):
    for claim in billing.sent:
        assert claim.charge == sum(line["charge"] for line in claim.lines)
        numbers = [int(line["number"]) for line in claim.lines]
        assert numbers == list(range(1, len(numbers) + 1))


def test_charges_in_force_are_the_truth_line_by_line(billing, table):
    by_claim = defaultdict(list)
    for claim in billing.sent:
        by_claim[claim.claim_id].append(claim)
    seen = {}
    for claims in by_claim.values():
        for claim in billing.in_force(claims):
            for line in claim.lines:
                charge_id = claim.charge_id(line["number"])
                assert charge_id not in seen
                seen[charge_id] = tuple(line[name] for name in READ)
    truth = {
        row["charge_id"]: (
            row["line_control_number"],
            row["revenue_code"],
            Decimal(row["charge_amount"]),
            row["service_date"].replace("-", ""),
        )
        for row in table("truth/charge")
    }
    assert seen == truth


def test_what_is_not_in_force_is_told_in_the_totals(billing, sandbox, table):
    totals = json.loads((sandbox / "truth" / "totals.json").read_text())["billing"]
    submitted = sum(claim.charge for claim in billing.sent)
    in_force = sum(Decimal(row["charge_amount"]) for row in table("truth/charge"))
    assert Decimal(totals["submitted_charge_amount"]) == submitted > in_force
    assert Decimal(totals["gross_charge_amount"]) == in_force
    assert totals["submissions"] == len(billing.sent)


def test_every_finished_encounter_has_one_institutional_claim(table):
    accounts = Counter(
        row["account_number"]
        for row in table("truth/claim")
        if row["claim_kind"] == "institutional"
    )
    finished = {
        row["account_number"] for row in table("truth/encounter") if row["end_date"]
    }
    assert set(accounts) == finished
    assert max(accounts.values()) == 1


def test_stays_carry_their_drg_and_visits_none(claim_paths, table):
    drg_by_account = {
        row["account_number"]: row["ms_drg"] for row in table("truth/encounter")
    }
    found = {}
    for path in claim_paths:
        if "_837I_" not in path.name:
            continue
        account = ""
        for segment in segments(path):
            if segment[0] == "CLM":
                account = segment[1]
                found[account] = ""
            elif segment[0] == "HI":
                qualifier, _, rest = segment[1].partition(component(path))
                if qualifier == "DR":
                    found[account] = rest
    assert found == {account: drg_by_account[account] for account in found}


def test_implants_are_billed_apart_with_a_device_code(table):
    implants = [row for row in table("truth/charge") if row["revenue_code"] == "0278"]
    used = [
        row for row in table("truth/supply_usage") if row["cost_component"] == "implant"
    ]
    forgotten = {row["usage_id"] for row in table("truth/unbilled_supply")}
    assert len(implants) == len(used) - len(forgotten) > 90
    assert 0 < len(forgotten) < 20
    assert all(row["procedure_code"].startswith("C") for row in implants)
    assert {row["cost_method"] for row in implants} == {"actual"}


def test_northridge_writes_in_its_own_delimiters(claim_paths):
    for path in claim_paths:
        element, sub = DELIMITERS[path.name[:3]]
        text = path.read_text(encoding="ascii")
        assert (text[3], component(path)) == (element, sub)
        assert "\r" not in text
    professional = next(p for p in claim_paths if p.name.startswith("NRC_837P"))
    assert "~" not in professional.read_text(encoding="ascii")


def test_control_numbers_are_unique_for_each_sender(sandbox):
    seen = Counter()
    for path in (sandbox / "billing").glob("*.edi"):
        if path.name.endswith("_resent.edi"):
            continue
        isa = next(segments(path))
        seen[isa[6], isa[13]] += 1
    assert max(seen.values()) == 1


def test_pyx12_finds_no_fault_in_any_envelope(sandbox):
    for path in sorted((sandbox / "billing").glob("*.edi")):
        with path.open(encoding="ascii", newline="") as file:
            reader = X12Reader(file)
            errors = [error for _ in reader for error in reader.pop_errors()]
            reader.cleanup()
            errors += reader.pop_errors()
        assert errors == [], path.name
