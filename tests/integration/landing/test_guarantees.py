"""Landing again, at once, or much of it: nothing doubled, nothing held in memory."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from ledgerline.landing import repository
from ledgerline.landing.land import land, land_ehr
from tests.integration.landing.folder_source import encounters, endpoint, numbers, rows
from tests.integration.landing.offered import Offered, delivery, lines

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[3]
PROCESS = Path(__file__).with_name("landing_process.py")
MEGABYTE = 1024 * 1024
EVERYTHING = """
select 'record', count(*), md5(string_agg(
    resource_type || resource_id || encode(content_sha256, 'hex'), ','
    order by record_id
)) from raw_clinic.record
union all
select 'current', count(*), md5(string_agg(
    resource_type || resource_id || encode(content_sha256, 'hex'), ','
    order by resource_type, resource_id
)) from raw_clinic.current_record
union all select 'version', count(*), '' from raw_clinic.version
union all select 'sighting', count(*), '' from raw_clinic.sighting
union all select 'vanishing', count(*), '' from raw_clinic.vanishing
"""


def process(dsn, folder):
    return subprocess.Popen(
        [sys.executable, str(PROCESS), dsn, "ehr", str(folder)],
        env=os.environ | {"PYTHONPATH": str(ROOT / "include")},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_eight_processes_that_land_one_file_at_once_make_one_batch(
    tmp_path, warehouse_dsn, connection
):
    (tmp_path / "Encounter.ndjson").write_bytes(encounters("once", 3_000))
    running = [process(warehouse_dsn, tmp_path) for _ in range(8)]
    outcomes = [each.communicate()[0].split() for each in running]
    assert [each.returncode for each in running] == [0] * 8
    assert sorted(int(outcome[1]) for outcome in outcomes) == [0] * 7 + [3_000]
    assert sorted(int(outcome[3]) for outcome in outcomes) == [0] + [3_000] * 7
    assert rows(
        connection, "select count(*), count(distinct batch_id) from raw_ehr.record"
    ) == [(3_000, 1)]
    assert rows(
        connection, "select status, count(*) from raw_ehr.file group by 1 order by 1"
    ) == [("duplicate", 7), ("landed", 1)]


def test_any_overlap_of_what_landed_changes_nothing(warehouse_dsn, connection):
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    known = [{"id": f"r{number}", "n": number} for number in range(3_000)]
    parts = [known[:1_000], known[1_000:2_500], known[2_500:]]
    offers = [delivery(f"{number}", lines(*part)) for number, part in enumerate(parts)]
    assert land(warehouse_dsn, Offered(offers=offers)).landed == 3_000
    before = rows(connection, EVERYTHING)
    for attempt in range(12):
        some = chance.sample(known, chance.randrange(1, 2_000))
        if chance.random() < 0.3:
            some += some[: len(some) // 3]
        offers = [delivery(f"again{attempt}", lines(*some)), *offers[: attempt % 3]]
        report = land(warehouse_dsn, Offered(offers=offers))
        assert report.landed == 0
        assert report.received == report.duplicate
        assert rows(connection, EVERYTHING) == before


def test_an_overlap_lands_only_what_is_new(warehouse_dsn):
    def landed(name, first, last):
        found = [{"id": f"o{number}"} for number in range(first, last)]
        offers = [delivery(name, lines(*found))]
        return numbers(land(warehouse_dsn, Offered(offers=offers)))

    assert landed("1", 0, 20_000) == (20_000, 20_000, 0, 0)
    assert landed("2", 19_000, 60_000) == (41_000, 40_000, 0, 1_000)
    assert landed("3", 60_000, 61_000) == (1_000, 1_000, 0, 0)
    assert landed("4", 0, 61_001) == (61_001, 1, 0, 61_000)


def test_content_that_repeats_late_in_a_file_lands_once(warehouse_dsn):
    found = [{"id": f"l{number}", "x": "y" * 100} for number in range(20_000)]
    offers = [delivery("late", lines(*found, *found[:10]))]
    report = land(warehouse_dsn, Offered(offers=offers))
    assert numbers(report) == (20_010, 20_000, 0, 10)


def test_memory_does_not_grow_with_the_file(tmp_path, warehouse_dsn):
    peaks = []
    for number, size in enumerate((1, 48)):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        written, part = 0, 0
        with (folder / "Encounter.ndjson").open("wb") as stream:
            while written < size * MEGABYTE:
                identifier = [{"value": "x" * 3_000}]
                text = encounters(f"m{number}-{part}-", 100, identifier=identifier)
                written += stream.write(text)
                part += 1
        running = process(warehouse_dsn, folder)
        outcome = running.communicate()[0].split()
        assert int(outcome[1]) == part * 100
        peaks.append(int(outcome[4]))
    print(f"peak resident kB: {peaks}")
    assert peaks[1] < peaks[0] * 1.1


def test_a_landing_of_the_same_folder_adds_no_record(tmp_path, warehouse_dsn):
    (tmp_path / "a.ndjson").write_bytes(
        encounters("v", 500, meta={"versionId": "1"})
        + encounters("w", 500, status="cancelled")
    )
    assert numbers(land_ehr(warehouse_dsn, endpoint(tmp_path))) == (1000, 1000, 0, 0)
    (tmp_path / "a.ndjson").write_bytes(
        encounters("w", 500, status="cancelled")
        + encounters("v", 501, meta={"versionId": "1"})
    )
    assert numbers(land_ehr(warehouse_dsn, endpoint(tmp_path))) == (1001, 1, 0, 1000)


@pytest.mark.parametrize("spoiled", [b"cancelled", b"finish"], ids=["other", "shorter"])
def test_records_are_made_of_the_bytes_stored_even_if_the_file_changes(
    tmp_path, warehouse_dsn, connection, monkeypatch, spoiled
):
    name = f"spoiled{len(spoiled)}-"
    path = tmp_path / "Encounter.ndjson"
    content = encounters(name, 20_000)
    path.write_bytes(content)
    store = repository.store_file

    def store_then_change(*given):
        stored = store(*given)
        path.write_bytes(content.replace(b"finished", spoiled))
        return stored

    monkeypatch.setattr(repository, "store_file", store_then_change)
    report = land_ehr(warehouse_dsn, endpoint(tmp_path))
    assert numbers(report) == (20_000, 20_000, 0, 0)
    assert rows(
        connection,
        "select body->>'status', count(*) from raw_ehr.record "
        f"where resource_id like '{name}%%' group by 1",
    ) == [("finished", 20_000)]
