import csv
import gzip
import json
import re
from collections import Counter
from datetime import date
from pathlib import Path

from sandbox.network.identifiers import device_identifier, npi

EXTRACT = Path(__file__).parents[2] / "include" / "sandbox" / "extract"
CPT = "http://www.ama-assn.org/go/cpt"


def test_the_hospital_is_large_enough(table):
    finished = [row for row in table("truth/encounter") if row["end_date"]]
    days = [date.fromisoformat(row["end_date"]) for row in finished]
    assert len(finished) >= 1000
    assert sum(row["encounter_class"] == "IMP" for row in finished) >= 40
    assert (max(days) - min(days)).days >= 60
    assert len({row["facility_code"] for row in finished}) == 3
    assert len(table("erp/items")) >= 300


def test_stays_have_surgery_deliveries_and_varied_dispositions(table, resources):
    drgs = Counter(row["ms_drg"] for row in table("truth/encounter") if row["ms_drg"])
    assert {"470", "322", "451", "807"} <= set(drgs)
    codings = [
        coding["code"]
        for encounter in resources("Encounter")
        if encounter["class"]["code"] == "IMP" and encounter["status"] == "finished"
        for coding in encounter["hospitalization"]["dischargeDisposition"]["coding"]
    ]
    assert {"01", "02", "03", "06", "20"} <= set(codings)


def test_every_reference_of_the_ehr_resolves(sandbox, resources):
    types = [path.stem for path in (sandbox / "ehr").iterdir()]
    bodies = {name: resources(name) for name in types}
    known = {f"{name}/{body['id']}" for name in types for body in bodies[name]}
    versions = {
        (name, body["id"], body.get("meta", {}).get("versionId"))
        for name in types
        for body in bodies[name]
    }
    assert len(versions) == sum(len(listed) for listed in bodies.values())
    named = set(re.findall(r'"reference": "([^"#]+)"', json.dumps(bodies)))
    assert named <= known


def test_every_usage_names_its_encounter_item_and_place(table, resources):
    truth = {row["usage_id"]: row for row in table("truth/supply_usage")}
    crosswalk = {
        (row["facility_code"], row["native_code"]): row["canonical_code"]
        for row in table("reference/crosswalk")
        if row["code_set"] == "item"
    }
    managers = {
        place["id"]: place["managingOrganization"]["reference"]
        for place in resources("Location")
    }
    providers = {
        visit["id"]: visit["serviceProvider"]["reference"]
        for visit in resources("Encounter")
    }
    deliveries = resources("SupplyDelivery")
    assert {delivery["id"] for delivery in deliveries} == set(truth)
    for delivery in deliveries:
        row = truth[delivery["id"]]
        coded = delivery["suppliedItem"].get("itemCodeableConcept", {}).get("coding")
        native = (
            coded[0]["code"]
            if coded
            else delivery["contained"][0]["identifier"][0]["value"]
        )
        assert crosswalk[row["facility_code"], native] == row["item_code"]
        place = delivery["destination"]["reference"].partition("/")[2]
        assert managers[place] == providers[row["encounter_id"]]


def test_usage_never_exceeds_the_opening_stock_of_its_store_and_lot(table):
    left = {
        (row["location_code"], row["item_code"], row["lot_number"]): int(
            row["quantity"]
        )
        for row in table("erp/opening_stock")
    }
    for row in table("truth/supply_usage"):
        key = row["location_code"], row["item_code"], row["lot_number"]
        left[key] -= int(row["quantity"])
    assert min(left.values()) >= 0
    on_hand = {
        (row["location_code"], row["item_code"], row["lot_number"]): int(row["on_hand"])
        for row in table("truth/stock")
    }
    assert on_hand == left


def test_no_lot_is_used_after_it_expired(table):
    expires = {row["lot_number"]: row["expiration_date"] for row in table("erp/lots")}
    used = [row for row in table("truth/supply_usage") if row["lot_number"]]
    assert used
    assert all(row["usage_date"] < expires[row["lot_number"]] for row in used)


def test_cpt_codes_carry_no_text(resources):
    for procedure in resources("Procedure"):
        codings = procedure["code"].get("coding", [])
        if any(coding["system"] == CPT for coding in codings):
            assert "text" not in procedure["code"]
            assert all("display" not in c for c in codings if c["system"] == CPT)
    for path in EXTRACT.glob("*.ndjson.gz"):
        content = gzip.decompress(path.read_bytes()).decode()
        assert not re.search(rf'"{CPT}","code":"[^"]*","display"', content)


def test_the_extract_is_small():
    assert (
        sum(path.stat().st_size for path in EXTRACT.iterdir() if path.is_file()) < 3e6
    )


def test_identifiers_have_their_check_digits():
    for number in (10_000_001, 90_100_001, 90_200_003):
        digits = [int(digit) for digit in "80840" + npi(number)]
        doubled = [2 * digit for digit in digits[-2::-2]]
        total = sum(digits[-1::-2]) + sum(d // 10 + d % 10 for d in doubled)
        assert total % 10 == 0
        assert npi(number)[0] == "2"
    digits = [int(digit) for digit in device_identifier(318)]
    assert (sum(digits[::2]) * 3 + sum(digits[1::2])) % 10 == 0


def test_resent_files_are_listed_and_are_the_same_bytes(sandbox, table):
    rows = [r for r in table("truth/defects") if r["defect_code"] == "duplicate_file"]
    assert {row["file_name"].partition("_")[0] for row in rows} == {"MVH", "835"}
    for row in rows:
        assert (row["expected_class"], row["is_quarantined"]) == ("DUP_FILE", "false")
        copy = sandbox / "billing" / row["file_name"]
        original = copy.with_name(copy.name.replace("_resent", ""))
        assert copy.read_bytes() == original.read_bytes()


def test_a_native_code_has_one_meaning_at_a_facility_on_a_day(sandbox):
    with (sandbox / "reference" / "crosswalk.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    valid = [row for row in rows if not row["valid_to"]]
    keys = Counter(
        (r["code_set"], r["source_system"], r["facility_code"], r["native_code"])
        for r in valid
    )
    assert max(keys.values()) == 1
    meanings = {r["canonical_code"] for r in valid if r["native_code"] == "60054"}
    assert meanings == {"EMPLOYER", "BCBS"}


def test_what_orders_brought_is_part_of_the_opening_stock(table):
    opening = {
        (row["location_code"], row["item_code"], row["lot_number"]): int(
            row["quantity"]
        )
        for row in table("erp/opening_stock")
    }
    suppliers = {row["item_code"]: row["supplier_code"] for row in table("erp/items")}
    rows = table("truth/purchase_order")
    assert rows == table("erp/purchase_orders")
    assert len({row["order_number"] for row in rows}) == 15
    received = [int(row["received_quantity"]) for row in rows]
    ordered = [int(row["ordered_quantity"]) for row in rows]
    for row, came in zip(rows, received, strict=True):
        key = row["location_code"], row["item_code"], row["lot_number"]
        assert came in {0, opening.pop(key)}
        assert row["supplier_code"] == suppliers[row["item_code"]]
        assert row["order_date"] < row["delivery_date"] < "2026-01-01"
    assert 0 in received
    assert any(
        0 < came < wanted for came, wanted in zip(received, ordered, strict=True)
    )
    assert any(came == wanted for came, wanted in zip(received, ordered, strict=True))
