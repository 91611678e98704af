"""The HL7 feed tells the same encounters, charges and patients as the rest."""

import json
from collections import Counter, defaultdict
from decimal import Decimal

import pytest

from tests.sandbox.interface_reader import folded, iso, read, transactions

COLUMNS = (
    *("service_date", "post_date", "revenue_code"),
    *("procedure_code", "quantity"),
)
REFUSED = {"conflicting_message", "truncated_message"}
STATE = (
    *("patient_class", "status", "admitted_at", "discharged_at"),
    *("discharge_disposition", "department_native_code"),
)


@pytest.fixture(scope="session")
def sent(sandbox):
    """Every message that can be read, in the order of arrival."""
    paths = sorted((sandbox / "hl7").glob("*.hl7"), key=lambda path: path.name[4:])
    return [message for path in paths for message in read(path)]


@pytest.fixture(scope="session")
def distinct(sent):
    """The first message of every control number."""
    first = {}
    for message in sent:
        first.setdefault(message.key, message)
    return list(first.values())


def test_every_type_is_sent_as_often_as_the_truth_says(distinct, sandbox):
    totals = json.loads((sandbox / "truth" / "totals.json").read_text())
    assert Counter(message.kind for message in distinct) == totals["hl7"]["messages"]
    wanted = {"A01", "A02", "A03", "A04", "A08", "A11", "A13", "A28", "A31", "A40"}
    kinds = {message.kind for message in distinct}
    assert {f"ADT^{trigger}" for trigger in wanted} <= kinds
    assert {"DFT^P03", "SIU^S12", "SIU^S13", "SIU^S15"} <= kinds


def test_charges_entered_are_the_charges_of_the_claims_and_errors_net_to_zero(
    distinct, table
):
    truth = {row["line_control_number"]: row for row in table("truth/charge")}
    found, net = {}, defaultdict(Decimal)
    for message in distinct:
        if message.kind == "DFT^P03":
            for entry in transactions(message):
                net[entry["transaction_id"]] += entry["sign"] * entry["charge_amount"]
                found[entry["transaction_id"]] = entry
    errors = found.keys() - truth.keys()
    assert len(errors) > 10
    assert {net[identity] for identity in errors} == {Decimal()}
    assert found.keys() - errors == truth.keys()
    for identity, row in truth.items():
        assert net[identity] == Decimal(row["charge_amount"])
        for column in COLUMNS:
            assert found[identity][column] == row[column], (identity, column)


def test_every_line_of_a_claim_carries_the_number_of_its_charge(billing, table):
    truth = {row["line_control_number"] for row in table("truth/charge")}
    numbers = {line["control_number"] for claim in billing.sent for line in claim.lines}
    assert truth <= numbers
    for claim in billing.sent:
        listed = [line["control_number"] for line in claim.lines]
        assert len(set(listed)) == len(listed)


def test_the_visits_fold_to_the_truth(distinct, table):
    by_account = defaultdict(list)
    for message in distinct:
        if message.kind.startswith("ADT") and message.has("PV1"):
            account = message.part("PV1", 19)
            assert account == message.part("PID", 18)
            by_account[message.field("MSH", 4), account].append(message)
    truth = {
        (row["facility_code"], row["account_number"]): row
        for row in table("truth/visits")
    }
    assert by_account.keys() == truth.keys()
    for key, messages in by_account.items():
        state = folded(messages)
        assert state == {name: truth[key][name] for name in STATE}, key


def test_visits_are_the_encounters_of_the_fhir_extract(resources, table):
    accounts = {
        (encounter["identifier"][0]["value"], encounter["id"])
        for encounter in resources("Encounter")
    }
    rows = table("truth/visits")
    assert {
        (row["account_number"], row["encounter_id"])
        for row in rows
        if row["encounter_id"]
    } == accounts
    only_told = [row for row in rows if not row["encounter_id"]]
    assert {row["status"] for row in only_told} == {"cancelled"}
    assert {row["facility_code"] for row in only_told} == {"MVH", "LGH", "NRC"}


def test_appointments_end_as_the_truth_says(distinct, table):
    last = {}
    for message in sorted(distinct, key=lambda message: message.order):
        if message.kind.startswith("SIU"):
            timing = message.field("SCH", 11).split("^")
            last[message.field("SCH", 2)] = (
                message.field("MSH", 4),
                message.field("SCH", 1),
                message.field("SCH", 25).lower().replace("noshow", "no_show"),
                *(iso(stamp) for stamp in timing[3:5]),
            )
    assert last == {
        row["filler_id"]: (
            *(row["facility_code"], row["placer_id"], row["status"]),
            *(row["starts_at"], row["ends_at"]),
        )
        for row in table("truth/appointments")
    }


def test_the_merged_patient_survives_under_the_number_of_the_fhir_patient(
    distinct, resources
):
    [merge] = [message for message in distinct if message.kind == "ADT^A40"]
    former, survivor = merge.part("MRG", 1), merge.part("PID", 3)
    known = {
        identifier["value"]
        for patient in resources("Patient")
        for identifier in patient["identifier"]
    }
    assert survivor in known
    assert former not in known
    about = defaultdict(list)
    for message in distinct:
        about[message.part("PID", 3)].append(message)
    assert any(message.kind == "ADT^A04" for message in about[former])
    assert max(m.order[1] for m in about[former]) < merge.order[1]
    assert min(m.order[1] for m in about[survivor]) >= merge.order[1]


def test_every_planted_fault_lies_where_the_truth_says(sent, sandbox, table):
    first, places = {}, {}
    for message in sent:
        first.setdefault(message.key, message)
        places[message.file_name, f"byte {message.offset}"] = message
    seen = Counter()
    for row in table("truth/defects"):
        if row["source"] != "ehr_hl7v2":
            continue
        code, place = row["defect_code"], (row["file_name"], row["locator"])
        seen[code] += 1
        if code == "truncated_message":
            start = int(row["locator"].removeprefix("byte "))
            left = (sandbox / "hl7" / row["file_name"]).read_bytes()[start:]
            assert left.startswith(b"MSH|")
            assert left.count(b"|") < 8
            continue
        message = places[place]
        original = first[message.key]
        if code == "duplicate_message":
            assert original is not message
            assert original.content.strip() == message.content.strip()
        elif code == "conflicting_message":
            assert original.content != message.content
        elif code == "line_feed_message":
            assert b"\r" not in message.content
        else:
            assert code == "late_admission"
            discharge = next(m for m in sent if is_discharge_of(m, message))
            assert discharge.file_name < message.file_name
    assert set(seen) == {
        *REFUSED,
        *("duplicate_message", "line_feed_message", "late_admission"),
    }
    assert {r["defect_code"] for r in table("truth/defects") if is_refused(r)} == (
        REFUSED
    )


def is_discharge_of(message, admission):
    is_same = message.field("MSH", 4) == admission.field("MSH", 4)
    return (
        message.kind == "ADT^A03"
        and is_same
        and message.part("PV1", 19) == admission.part("PV1", 19)
    )


def is_refused(row):
    return row["source"] == "ehr_hl7v2" and row["is_quarantined"] == "true"


def test_facilities_frame_their_files_each_in_their_way(sandbox):
    folder = sandbox / "hl7"
    for path in folder.glob("NRC_*.hl7"):
        content = path.read_bytes()
        assert content.startswith(b"\x0bMSH")
        assert content.endswith(b"\x1c\r")
        assert content.count(b"\x0b") == content.count(b"\x1c\r")
    for path in [*folder.glob("LGH_*_adt.hl7"), *folder.glob("MVH_*_dft.hl7")]:
        lines = path.read_bytes().replace(b"\n", b"\r").split(b"\r")
        assert [line[:3] for line in lines[:2]] == [b"FHS", b"BHS"]
        count = sum(line.startswith(b"MSH") for line in lines)
        assert f"BTS|{count}".encode() in lines
    marked = [p for p in folder.iterdir() if p.read_bytes()[:3] == b"\xef\xbb\xbf"]
    assert [path.name for path in marked] == ["LGH_20260118_dft.hl7"]
    assert b"\r" not in (folder / "LGH_20260112_adt.hl7").read_bytes()
    assert b"\n" not in (folder / "MVH_20260112_adt.hl7").read_bytes()
