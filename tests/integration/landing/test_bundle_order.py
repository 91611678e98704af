"""Histories and transactions landed: the newest version stands, the deleted is gone."""

import json

import pytest

from ledgerline.connectors.formats.fhir import small_bundle
from ledgerline.landing.land import land_ehr
from tests.integration.landing.folder_source import (
    ENCOUNTER,
    endpoint,
    numbers,
    rows,
)

pytestmark = pytest.mark.integration


def changed(name, number, status="finished"):
    resource = ENCOUNTER | {"id": name, "status": status}
    return {
        "request": {"method": "PUT", "url": f"Encounter/{name}"},
        "resource": resource | {"meta": {"versionId": str(number)}},
    }


def deleted(name, number):
    url = f"Encounter/{name}/_history/{number}"
    return {"request": {"method": "DELETE", "url": url}}


def bundle(*entries, kind="history"):
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def current(connection, name):
    query = (
        "select body ->> 'status' from raw_ehr.current_record where resource_id = %s"
    )
    return [status for (status,) in rows(connection, query, name)]


def delivered(folder, name, *bundles):
    text = "\n".join(map(json.dumps, bundles))
    (folder / name).write_text(text)
    return endpoint(folder)


@pytest.mark.parametrize("kind", ["transaction", "batch", "history"])
def test_a_deleted_resource_is_gone_and_its_deletion_is_said_once(
    tmp_path, warehouse_dsn, connection, kind
):
    name = f"gone{kind}"
    folder = delivered(tmp_path, "1.json", bundle(changed(name, 1), kind=kind))
    assert numbers(land_ehr(warehouse_dsn, folder)) == (1, 1, 0, 0)
    delivered(tmp_path, "2.json", bundle(deleted(name, 2), kind=kind))
    report = land_ehr(warehouse_dsn, folder)
    assert report.by_type == {"Encounter deleted": 1}
    assert current(connection, name) == []
    assert numbers(land_ehr(warehouse_dsn, folder)) == (2, 0, 0, 2)
    [(count,)] = rows(
        connection,
        "select count(*) from raw_ehr.vanishing where resource_id = %s",
        name,
    )
    assert count == 1


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("streamed", [False, True])
def test_a_history_leaves_what_its_newest_version_says(
    tmp_path, warehouse_dsn, connection, monkeypatch, turned, streamed
):
    if streamed:
        monkeypatch.setattr(small_bundle, "MAX_RECORD_BYTES", 10)
    gone, back = f"g{turned}{streamed}", f"b{turned}{streamed}"
    entries = [
        deleted(gone, 3),
        changed(back, 3),
        deleted(back, 2),
        changed(gone, 2),
        changed(gone, 1, "in-progress"),
        changed(back, 1, "in-progress"),
    ][:: -1 if turned else 1]
    folder = delivered(tmp_path, "history.json", bundle(*entries))
    assert numbers(land_ehr(warehouse_dsn, folder)) == (6, 5, 0, 1)
    assert (current(connection, gone), current(connection, back)) == ([], ["finished"])
    longer = [changed("another" + gone, 1), *entries]
    delivered(tmp_path, "history2.json", bundle(*longer))
    assert numbers(land_ehr(warehouse_dsn, folder)) == (13, 1, 0, 12)
    assert (current(connection, gone), current(connection, back)) == ([], ["finished"])
    noted = rows(
        connection,
        "select sighting.record_id from raw_ehr.sighting as sighting "
        "inner join raw_ehr.record as record using (record_id) "
        "where record.resource_id in (%s, %s)",
        gone,
        back,
    )
    assert noted == []


def test_a_history_beyond_16_mb_leaves_its_newest_version(
    tmp_path, warehouse_dsn, connection
):
    filler = "x" * 1_000_000
    narrative = {"status": "generated", "div": f"<div>{filler}</div>"}
    entries = [changed("large", number) for number in range(20, 0, -1)]
    entries[0]["resource"]["status"] = "cancelled"
    for entry in entries:
        entry["resource"]["text"] = narrative
    folder = delivered(tmp_path, "history.json", bundle(*entries))
    assert numbers(land_ehr(warehouse_dsn, folder)) == (20, 20, 0, 0)
    assert current(connection, "large") == ["cancelled"]


def test_deletions_of_a_bulk_export_in_a_folder_are_deletions(
    tmp_path, warehouse_dsn, connection
):
    lines = [bundle(changed(f"bulk{each}", 1), kind="batch") for each in range(3)]
    folder = delivered(tmp_path, "Encounter.ndjson", *lines)
    land_ehr(warehouse_dsn, folder)
    gone = [bundle(deleted(f"bulk{each}", 2), kind="transaction") for each in range(2)]
    delivered(tmp_path, "deleted.ndjson", *gone)
    assert land_ehr(warehouse_dsn, folder).by_type == {"Encounter deleted": 2}
    assert [current(connection, f"bulk{each}") for each in range(3)] == [
        [],
        [],
        ["finished"],
    ]


def test_an_array_and_a_resource_over_several_lines_land_under_any_name(
    tmp_path, warehouse_dsn, connection
):
    one, other, third = (ENCOUNTER | {"id": f"array{each}"} for each in "abc")
    (tmp_path / "Encounter.ndjson").write_text(json.dumps([one, other], indent=1))
    (tmp_path / "one.ndjson").write_text(json.dumps(third, indent=1))
    report = land_ehr(warehouse_dsn, endpoint(tmp_path))
    assert numbers(report) == (3, 3, 0, 0)
