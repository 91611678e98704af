"""Landing of folders on a real PostgreSQL: balanced, idempotent, nothing lost."""

import bz2
import gzip
import hashlib
import json
import re
import shutil
from decimal import Decimal

import pytest

from ledgerline.canonical.errors import SourceMissing, SourceUnavailable
from ledgerline.connectors.formats import strict_json
from ledgerline.landing.land import land_billing, land_ehr
from ledgerline.landing.repository import original_bytes, record_bytes
from tests.integration.landing.folder_source import (
    MESSAGES,
    encounters,
    endpoint,
    numbers,
    rows,
)

pytestmark = pytest.mark.integration


def test_a_second_landing_of_the_same_folder_changes_nothing(
    tmp_path, warehouse_dsn, connection
):
    (tmp_path / "Encounter.ndjson").write_bytes(encounters("again", 50) + b"{broken\n")
    query = """select resource_id, content_sha256, record_id from raw_ehr.record
    where resource_id like 'again%%' order by 1"""
    first = land_ehr(warehouse_dsn, endpoint(tmp_path))
    landed = rows(connection, query)
    second = land_ehr(warehouse_dsn, endpoint(tmp_path))
    assert numbers(first) == (51, 50, 1, 0)
    assert numbers(second) == (51, 0, 0, 51)
    assert rows(connection, query) == landed
    statuses = rows(
        connection,
        "select status from raw_ehr.file where batch_id in (%s, %s) order by file_id",
        first.batch_id,
        second.batch_id,
    )
    assert statuses == [("landed",), ("duplicate",)]


def test_the_same_file_under_another_name_is_a_duplicate(tmp_path, warehouse_dsn):
    (tmp_path / "a.ndjson").write_bytes(encounters("copied", 10))
    (tmp_path / "b.ndjson").write_bytes(encounters("copied", 10))
    report = land_ehr(warehouse_dsn, endpoint(tmp_path))
    assert numbers(report) == (20, 10, 0, 10)


def test_records_that_two_files_share_land_once(tmp_path, warehouse_dsn):
    (tmp_path / "a.ndjson").write_bytes(encounters("shared", 10))
    (tmp_path / "b.ndjson").write_bytes(
        encounters("shared", 15) + encounters("shared", 2)
    )
    report = land_ehr(warehouse_dsn, endpoint(tmp_path))
    assert numbers(report) == (27, 15, 0, 12)


def test_other_content_under_the_same_name_lands_as_a_new_version(
    tmp_path, warehouse_dsn, connection
):
    path = tmp_path / "reissued.ndjson"
    path.write_bytes(encounters("reissued", 3))
    land_ehr(warehouse_dsn, endpoint(tmp_path))
    path.write_bytes(encounters("reissued", 3, status="cancelled"))
    report = land_ehr(warehouse_dsn, endpoint(tmp_path))
    assert numbers(report) == (3, 3, 0, 0)
    versions = rows(
        connection,
        "select body->>'status' from raw_ehr.record where resource_id = 'reissued1' "
        "order by record_id",
    )
    assert versions == [("finished",), ("cancelled",)]


def test_content_that_comes_back_is_current_again(tmp_path, warehouse_dsn, connection):
    path = tmp_path / "returned.ndjson"
    for status in ("planned", "finished", "planned"):
        path.write_bytes(encounters("returned", 2, status=status))
        report = land_ehr(warehouse_dsn, endpoint(tmp_path))
    assert numbers(report) == (2, 0, 0, 2)
    current = rows(
        connection,
        "select body->>'status' from raw_ehr.current_record "
        "where resource_id like 'returned%%'",
    )
    assert current == [("planned",), ("planned",)]


def test_a_nul_does_not_stop_the_thousand_records_around_it(tmp_path, warehouse_dsn):
    poison = encounters("nul", 1, language="x").replace(b'"x"', b'"a\\u0000b"')
    text = encounters("before", 500) + poison + encounters("after", 500)
    (tmp_path / "nul.ndjson").write_bytes(text)
    report = land_ehr(warehouse_dsn, endpoint(tmp_path))
    assert numbers(report) == (1001, 1000, 1, 0)
    assert report.by_class == {"ENCODING": 1}


@pytest.mark.parametrize("value", ["1e-300", "-0", "1E+30", "0.1000", "9" * 40])
def test_numbers_that_json_allows_are_kept_digit_by_digit(
    tmp_path, warehouse_dsn, connection, value
):
    text = encounters(f"number{len(value)}{value[0]}", 1, length={"value": 0})
    (tmp_path / "n.ndjson").write_bytes(
        text.replace(b'"value": 0', b'"value": %b' % value.encode())
    )
    report = land_ehr(warehouse_dsn, endpoint(tmp_path))
    assert report.landed == 1
    (stored,) = rows(
        connection,
        "select body->'length'->>'value' from raw_ehr.record where batch_id = %s",
        report.batch_id,
    )
    assert Decimal(stored[0]) == Decimal(value)


def test_a_value_that_the_warehouse_cannot_hold_refuses_its_file_only(
    tmp_path, warehouse_dsn, monkeypatch
):
    def blind(text):
        return json.loads(text.replace(b"\\u0000", b""))

    monkeypatch.setattr(strict_json, "decode", blind)
    (tmp_path / "a.ndjson").write_bytes(encounters("nulled", 3, language="a\0b"))
    (tmp_path / "b.ndjson").write_bytes(encounters("fine", 3))
    report = land_ehr(warehouse_dsn, endpoint(tmp_path))
    assert numbers(report) == (4, 3, 1, 0)


@pytest.mark.parametrize("text", ["x'); drop table raw_ehr.record; --", "%s {0} $1"])
def test_statements_in_names_and_values_are_text(
    tmp_path, warehouse_dsn, connection, text
):
    name = f"{text}.ndjson"
    (tmp_path / name).write_bytes(encounters("bound", 1, type=[{"text": text}]))
    report = land_ehr(warehouse_dsn, endpoint(tmp_path))
    assert numbers(report) == (1, 1, 0, 0)
    assert rows(
        connection,
        "select record.body #>> '{type,0,text}', file.name "
        "from raw_ehr.record as record "
        "inner join raw_ehr.file as file on record.file_id = file.file_id "
        "where record.batch_id = %s",
        report.batch_id,
    ) == [(text, name)]


def test_bad_files_never_stop_the_good_ones(tmp_path, warehouse_dsn, connection):
    good = encounters("beside", 20)
    (tmp_path / "1_cut.ndjson.gz").write_bytes(gzip.compress(good * 40)[:-30])
    (tmp_path / "2_archive.7z").write_bytes(b"7z\xbc\xaf\x27\x1c" + b"\x00" * 100)
    (tmp_path / "3_scan.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "4_link.ndjson").symlink_to(tmp_path / "9_good.ndjson")
    (tmp_path / "5_bundle.json").write_text('{"resourceType":"Bundle","entry":[{')
    (tmp_path / "6_bomb.ndjson.gz").write_bytes(gzip.compress(b" " * 80_000_000))
    (tmp_path / "9_good.ndjson").write_bytes(good)
    report = land_ehr(warehouse_dsn, endpoint(tmp_path))
    assert numbers(report) == (26, 20, 6, 0)
    assert report.by_class == {
        "CONTAINER_CORRUPT": 1,
        "PATH_TRAVERSAL": 1,
        "RESOURCE_LIMIT": 1,
        "TRUNCATED_RECORD": 1,
        "UNRECOGNISED_FORMAT": 1,
        "UNSUPPORTED_CONTAINER": 1,
    }
    stored = rows(
        connection,
        "select name from raw_ehr.file where status = 'quarantined' and batch_id = %s "
        "order by 1",
        report.batch_id,
    )
    assert len(stored) == 5
    again = land_ehr(warehouse_dsn, endpoint(tmp_path))
    assert numbers(again) == (26, 0, 1, 25)


def test_a_file_with_a_broken_end_lands_nothing_of_its_beginning(
    tmp_path, warehouse_dsn, connection
):
    text = b"".join(encounters(f"half{part}-", 1000) for part in range(20))
    (tmp_path / "half.ndjson.gz").write_bytes(gzip.compress(text)[:-20])
    land_ehr(warehouse_dsn, endpoint(tmp_path))
    query = "select count(*) from raw_ehr.record where resource_id like 'half%%'"
    assert rows(connection, query) == [(0,)]


def test_the_bytes_of_a_file_and_of_a_record_come_back_as_received(
    tmp_path, warehouse_dsn, connection
):
    text = b"\xef\xbb\xbf" + encounters("traced", 3000).replace(b"\n", b"\r\n")
    for name, packed in (
        ("t.ndjson", text),
        ("t2.ndjson.gz", gzip.compress(text + encounters("zipped", 5))),
        ("t3.ndjson.bz2", bz2.compress(text + encounters("packed", 5))),
    ):
        (tmp_path / name).write_bytes(packed)
    report = land_ehr(warehouse_dsn, endpoint(tmp_path))
    files = rows(
        connection,
        "select file_id, name, content_sha256 from raw_ehr.file where batch_id = %s",
        report.batch_id,
    )
    for file_id, name, digest in files:
        stored = b"".join(original_bytes(connection, "raw_ehr", file_id))
        assert stored == (tmp_path / name).read_bytes()
        assert hashlib.sha256(stored).digest() == digest
    some = rows(
        connection,
        "select record_id, content_sha256, body from raw_ehr.record "
        "where batch_id = %s and resource_id = any(%s)",
        report.batch_id,
        ["traced0", "traced2999", "zipped4", "packed0"],
    )
    assert len(some) == 4
    for record_id, digest, body in some:
        raw = record_bytes(connection, "raw_ehr", record_id)
        assert hashlib.sha256(raw).digest() == digest
        assert json.loads(raw) == body


def test_one_version_of_a_resource_cannot_have_two_contents(tmp_path, warehouse_dsn):
    meta = {"meta": {"versionId": "1"}}
    (tmp_path / "1.ndjson").write_bytes(encounters("versioned", 5, **meta))
    (tmp_path / "2.ndjson").write_bytes(
        encounters("versioned", 5, status="cancelled", **meta)
    )
    report = land_ehr(warehouse_dsn, endpoint(tmp_path))
    assert numbers(report) == (10, 5, 5, 0)
    assert report.by_class == {"DUPLICATE_CONFLICT": 5}


def test_manifests_are_named_and_counted_nowhere(tmp_path, warehouse_dsn):
    (tmp_path / "Encounter.ndjson").write_bytes(encounters("listed", 2))
    (tmp_path / "log.ndjson").write_text('{"exportId":"1","eventId":"kickoff"}\n')
    (tmp_path / "manifest.json").write_text('{"transactionTime":"t","output":[]}')
    report = land_ehr(warehouse_dsn, endpoint(tmp_path))
    assert report.skipped == ("log.ndjson", "manifest.json")
    assert numbers(report) == (2, 2, 0, 0)


def test_messages_in_the_quarantine_hold_no_value(tmp_path, warehouse_dsn, connection):
    name = "encounters_with_every_kind_of_bad_line.ndjson"
    shutil.copy(MESSAGES / name, tmp_path / name)
    report = land_ehr(warehouse_dsn, endpoint(tmp_path))
    assert numbers(report) == (15, 2, 13, 0)
    text = str(
        rows(
            connection,
            "select message, locator from ops.quarantined_record where batch_id = %s",
            report.batch_id,
        )
    )
    assert not re.search("nonsense|red|IMP|2026-02-30|infinite", text)


def test_a_missing_folder_opens_no_batch(tmp_path, warehouse_dsn, connection):
    count = "select count(*) from ops.landing_batch"
    before = rows(connection, count)
    with pytest.raises(SourceMissing):
        land_ehr(warehouse_dsn, endpoint(tmp_path / "nowhere"))
    with pytest.raises(SourceMissing):
        land_billing(warehouse_dsn, endpoint(tmp_path))
    assert rows(connection, count) == before


def test_a_warehouse_that_does_not_answer_is_said_so(tmp_path):
    (tmp_path / "Encounter.ndjson").write_bytes(encounters("x", 1))
    with pytest.raises(SourceUnavailable, match="does not answer at 127"):
        land_ehr("postgresql://x@127.0.0.1:9/none", endpoint(tmp_path))
