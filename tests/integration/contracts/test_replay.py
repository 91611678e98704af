"""Replay: what parses today lands from its stored bytes; nothing is doubled."""

import json

import pytest

from ledgerline.connectors.formats import fhir
from ledgerline.connectors.formats.record import RefusalClass
from tests.integration.contracts.row_source import lines, numbers, rows
from tests.integration.contracts.yesterday import (
    CURRENT,
    ROW,
    again,
    closed,
    deliver,
    encounter,
    without,
)

pytestmark = pytest.mark.integration


def test_a_record_that_parses_today_lands_with_its_own_file_and_offset(
    warehouse_dsn, connection
):
    bad = encounter("late1", identifier=[{"value": "odd"}])
    first = deliver(
        warehouse_dsn,
        "a.ndjson",
        encounter("late0"),
        bad,
        encounter("late2"),
        reader=without("odd"),
    )
    assert numbers(first) == (3, 2, 1, 0)
    report = again(warehouse_dsn, source="ehr_fhir")
    assert (report.replayed, report.still_refused, report.landed) == (1, 0, 1)
    [(name, offset, length, batch_id, is_as_received)] = rows(
        connection,
        "select file.name, record.byte_offset, record.byte_length, record.batch_id, "
        "record.received_at = file.received_at from raw_ehr.record as record "
        "inner join raw_ehr.file as file on record.file_id = file.file_id "
        "where record.resource_id = 'late1'",
    )
    begin = len(lines(encounter("late0")))
    assert (name, offset, length) == ("a.ndjson", begin, len(json.dumps(bad)))
    assert (batch_id,) == report.batches
    assert is_as_received
    assert rows(connection, ROW, "ehr_fhir", "a.ndjson%")[0][0] == "replayed"
    batch = (
        "select received_count, landed_count, quarantined_count, duplicate_count "
        "from ops.landing_batch where batch_id = %s"
    )
    assert rows(connection, batch, batch_id) == [(1, 1, 0, 0)]
    file = batch.replace("ops.landing_batch", "raw_ehr.file").replace(
        "batch_id", "name"
    )
    assert rows(connection, file, "a.ndjson") == [(3, 3, 0, 0)]
    event = (
        "select action, detail ->> 'by' from audit.event where subject = 'quarantine'"
    )
    assert rows(connection, event) == [("replayed", "tester")]


def test_a_second_replay_changes_nothing(warehouse_dsn, connection):
    deliver(warehouse_dsn, "b.ndjson", encounter("odd-b"), reader=without("odd-b"))
    again(warehouse_dsn, source="ehr_fhir")
    everything = "select record_id, content_sha256, received_at from raw_ehr.record"
    before = rows(connection, everything)
    report = again(warehouse_dsn, source="ehr_fhir")
    assert (report.replayed, report.still_refused, report.batches) == (0, 0, ())
    assert rows(connection, everything) == before


def test_what_is_still_refused_stays_open_with_todays_reason(warehouse_dsn, connection):
    wrong = encounter("nonsense-c", status="nonsense")
    deliver(
        warehouse_dsn,
        "c.ndjson",
        encounter("c1"),
        wrong,
        reader=lambda name: _refusing_nonsense(name),
    )
    for _ in range(2):
        report = again(warehouse_dsn, source="ehr_fhir")
        assert (report.replayed, report.still_refused) == (0, 1)
        [(status, kind, message)] = rows(connection, ROW, "ehr_fhir", "c.ndjson%")
        assert (status, kind) == ("open", "CODE_INVALID")
        assert message != "not yet known"
    tries = "select outcome, class from ops.replay_attempt where batch_id = %s"
    assert rows(connection, tries, *report.batches) == [("refused", "CODE_INVALID")]
    file = (
        "select landed_count, quarantined_count, status from raw_ehr.file "
        "where name = 'c.ndjson'"
    )
    assert rows(connection, file) == [(1, 1, "landed")]
    connection.execute(
        "update ops.quarantined_record set status = 'dismissed' where status = 'open'"
    )


def _refusing_nonsense(_format_name):
    def read(content):
        for item in fhir.read(fhir.Kind.NDJSON, content):
            if type(item).__name__ == "Refusal":
                yield fhir.reader._refusal(
                    fhir.reader.RecordRefused(RefusalClass.PARSE, "not yet known"),
                    b"x" * item.byte_length,
                    item.byte_offset,
                )
            else:
                yield item

    return read


def test_a_whole_file_that_opens_today_lands_all_of_it(warehouse_dsn, connection):
    content = [encounter(f"i{number}") for number in range(20)]
    first = deliver(warehouse_dsn, "i.ndjson", *content, reader=closed)
    assert numbers(first) == (1, 0, 1, 0)
    report = again(warehouse_dsn, refusal_class="CONTAINER_CORRUPT")
    assert (report.replayed, report.landed) == (1, 20)
    file = (
        "select status, received_count, landed_count, quarantined_count "
        "from raw_ehr.file where name = 'i.ndjson'"
    )
    assert rows(connection, file) == [("landed", 20, 20, 0)]
    second = deliver(warehouse_dsn, "i.ndjson", *content)
    assert numbers(second) == (20, 0, 0, 20)


def test_a_whole_file_with_bad_records_leaves_a_row_for_each(warehouse_dsn, connection):
    content = [encounter("j0"), encounter("j1", "nonsense"), encounter("j2")]
    deliver(warehouse_dsn, "j.ndjson", *content, reader=closed)
    report = again(warehouse_dsn, refusal_class="CONTAINER_CORRUPT")
    assert (report.replayed, report.landed) == (1, 2)
    found = rows(connection, ROW, "ehr_fhir", "j.ndjson%")
    assert [row[:2] for row in found] == [
        ("replayed", "CONTAINER_CORRUPT"),
        ("open", "CODE_INVALID"),
    ]
    connection.execute(
        "update ops.quarantined_record set status = 'dismissed' where status = 'open'"
    )


def test_only_what_is_chosen_is_replayed(warehouse_dsn, connection):
    deliver(
        warehouse_dsn,
        "k.ndjson",
        encounter("k1-odd"),
        encounter("k2-odd"),
        reader=without("odd"),
    )
    [first, second] = [
        row[0]
        for row in rows(
            connection,
            "select quarantine_id from ops.quarantined_record "
            "where locator like 'k.ndjson%%' order by 1",
        )
    ]
    assert again(warehouse_dsn, numbers=(second,)).replayed == 1
    assert again(warehouse_dsn, numbers=(second,)).replayed == 0
    statuses = [row[0] for row in rows(connection, ROW, "ehr_fhir", "k.ndjson%")]
    assert statuses == ["open", "replayed"]
    assert again(warehouse_dsn, source="billing_x12").replayed == 0
    assert again(warehouse_dsn, numbers=(first,)).replayed == 1


def test_the_same_version_with_other_content_stays_a_conflict(
    warehouse_dsn, connection
):
    one = encounter("v", "planned", meta={"versionId": "1"})
    other = encounter("v", "finished", meta={"versionId": "1"})
    deliver(warehouse_dsn, "v.ndjson", one, other)
    report = again(warehouse_dsn)
    assert (report.replayed, report.still_refused, report.landed) == (0, 1, 0)
    assert rows(connection, CURRENT, "v") == [("planned", "v.ndjson")]
    connection.execute(
        "update ops.quarantined_record set status = 'dismissed' where status = 'open'"
    )


def test_a_file_whose_bytes_never_came_in_is_counted_and_left(
    warehouse_dsn, connection
):
    connection.execute(
        "insert into ops.quarantined_record (batch_id, source, resource_type, class, "
        "locator, stage, message, owner) select max(batch_id), 'ehr_fhir', 'file', "
        "'FILE_UNREADABLE', 'gone.ndjson', 'receive', 'unreadable', 'interface_team' "
        "from ops.landing_batch"
    )
    report = again(warehouse_dsn, refusal_class="FILE_UNREADABLE")
    assert (report.without_bytes, report.replayed, report.batches) == (1, 0, ())
