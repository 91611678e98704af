import json
import shutil

import pytest

from sandbox.faults.corruptions import corrupt
from tests.sandbox.splitter import segments


@pytest.fixture
def corrupted(sandbox, hospital, tmp_path):
    """Corrupts a copy and returns (folder, tainted scope, changed billing files)."""

    def make(name):
        (tmp_path / "truth").mkdir()
        shutil.copytree(sandbox / "billing", tmp_path / "billing")
        corrupt(name, hospital, tmp_path)
        stated = json.loads((tmp_path / "truth" / "corruption.json").read_text())
        return tmp_path / "billing", stated[name], changed(sandbox, tmp_path)

    return make


def changed(sandbox, corrupted_folder):
    before = {path.name: path.read_bytes() for path in (sandbox / "billing").iterdir()}
    after = {
        path.name: path.read_bytes()
        for path in (corrupted_folder / "billing").iterdir()
    }
    names = before.keys() | after.keys()
    return {name for name in names if before.get(name) != after.get(name)}


def test_drop_charges_takes_the_claims_of_one_facility(corrupted):
    billing, tainted, differing = corrupted("drop_charges")
    assert tainted["facility"] == "NRC"
    assert differing == set(tainted["files"])
    assert not list(billing.glob("NRC_837*"))
    assert list(billing.glob("835_*_NRC_*"))


def test_drop_charges_also_takes_them_from_the_hl7_feed(sandbox, hospital, tmp_path):
    for name in ("billing", "hl7"):
        shutil.copytree(sandbox / name, tmp_path / name)
    (tmp_path / "truth").mkdir()
    corrupt("drop_charges", hospital, tmp_path)
    left = {path.name for path in (tmp_path / "hl7").iterdir()}
    before = {path.name for path in (sandbox / "hl7").iterdir()}
    gone = before - left
    assert gone == {name for name in before if name[:3] + name[-7:] == "NRCdft.hl7"}
    assert gone


def test_duplicate_claim_file_sends_the_same_claims_under_new_numbers(corrupted):
    billing, tainted, differing = corrupted("duplicate_claim_file")
    (copy,) = differing
    original = copy.replace("_copy", "")
    assert set(tainted["files"]) == {copy, original}

    def claims(name):
        return [s for s in segments(billing / name) if s[0] in {"CLM", "SV2", "DTP"}]

    assert claims(copy) == claims(original)
    numbers = [next(segments(billing / name))[13] for name in (copy, original)]
    assert numbers[0] != numbers[1]


def test_unknown_payer_changes_only_the_payer_of_the_tainted_claims(
    corrupted, sandbox, table
):
    billing, tainted, differing = corrupted("unknown_payer")
    assert differing == set(tainted["files"])
    (name,) = differing
    pairs = zip(
        segments(sandbox / "billing" / name), segments(billing / name), strict=True
    )
    replaced = [new for old, new in pairs if old != new]
    assert len(replaced) == len(tainted["claim_ids"]) > 1
    assert {segment[9] for segment in replaced} == {tainted["payer_id"]}
    known = {row["native_code"] for row in table("reference/crosswalk")}
    assert tainted["payer_id"] not in known


def test_unbalanced_835_overstates_one_payment_by_a_hundred(corrupted, sandbox):
    billing, tainted, differing = corrupted("unbalanced_835")
    assert differing == set(tainted["files"])
    (name,) = differing
    before, after = (
        {s[0]: s for s in segments(folder / name)}
        for folder in (sandbox / "billing", billing)
    )
    assert float(after["BPR"][2]) - float(before["BPR"][2]) == pytest.approx(100)
    assert after["TRN"][2] == tainted["trace_number"]
