"""Replay: what parses today lands as if it had when it came; nothing is doubled."""

import json
from functools import partial

import pytest

from ledgerline.connectors.formats import fhir
from ledgerline.connectors.formats.record import FileRefused, RefusalClass
from ledgerline.landing.land import land
from ledgerline.landing.replay import Selection, replay
from tests.integration.contracts.row_source import (
    Deliveries,
    lines,
    numbers,
    rows,
)

pytestmark = pytest.mark.integration
ROW = (
    "select status, class, message from ops.quarantined_record where source = %s "
    "and locator like %s order by quarantine_id"
)
CURRENT = (
    "select body ->> 'status', file.name from raw_ehr.current_record as record "
    "inner join raw_ehr.file as file on record.file_id = file.file_id "
    "where record.resource_id = %s"
)


def encounter(name, status="finished", **more):
    return {
        "resourceType": "Encounter",
        "id": name,
        "status": status,
        "class": {"code": "IMP"},
    } | more


def fhir_reader(format_name):
    return partial(fhir.read, fhir.Kind(format_name))


def without(word):
    """A reader of yesterday that cannot take records with this word."""

    def yesterday(_format_name):
        def read(content):
            for item in fhir.read(fhir.Kind.NDJSON, content):
                if word.encode() in getattr(item, "body", b""):
                    yield fhir.reader._refusal(
                        fhir.reader.RecordRefused(RefusalClass.PARSE, "not yet known"),
                        item.body,
                        item.byte_offset,
                    )
                else:
                    yield item

        return read

    return yesterday


def closed(_format_name):
    def read(_content):
        raise FileRefused(RefusalClass.CONTAINER_CORRUPT, "not yet known")
        yield

    return read


def deliver(dsn, name, *resources, reader=fhir_reader):
    files = ((name, lines(*resources)),)
    return land(dsn, Deliveries(files=files, reader_of=reader))


def again(dsn, **chosen):
    return replay(dsn, Selection(**chosen), by="tester")


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


def test_a_replayed_version_never_replaces_a_newer_one(warehouse_dsn, connection):
    deliver(
        warehouse_dsn, "d1.ndjson", encounter("d", "planned"), reader=without("planned")
    )
    deliver(warehouse_dsn, "d2.ndjson", encounter("d", "finished"))
    assert again(warehouse_dsn).landed == 1
    assert rows(connection, CURRENT, "d") == [("finished", "d2.ndjson")]


def test_a_replayed_version_replaces_what_came_before_it(warehouse_dsn, connection):
    deliver(warehouse_dsn, "e1.ndjson", encounter("e", "planned"))
    deliver(
        warehouse_dsn,
        "e2.ndjson",
        encounter("e", "finished"),
        reader=without("finished"),
    )
    assert again(warehouse_dsn).landed == 1
    assert rows(connection, CURRENT, "e") == [("finished", "e2.ndjson")]


def test_versions_in_one_file_keep_their_order(warehouse_dsn, connection):
    versions = ("planned", "arrived", "finished")
    for refused in versions:
        name = f"f-{refused}"
        deliver(
            warehouse_dsn,
            f"{name}.ndjson",
            *(encounter(name, status) for status in versions),
            reader=without(f'"{refused}"'),
        )
        assert again(warehouse_dsn).landed == 1
        assert rows(connection, CURRENT, name) == [("finished", f"{name}.ndjson")]


def test_content_seen_before_and_replayed_is_as_old_as_its_file(
    warehouse_dsn, connection
):
    deliver(warehouse_dsn, "g1.ndjson", encounter("g", "planned"))
    deliver(warehouse_dsn, "g2.ndjson", encounter("g", "arrived"))
    deliver(
        warehouse_dsn,
        "g3.ndjson",
        encounter("g0"),
        encounter("g", "planned"),
        reader=without("planned"),
    )
    assert rows(connection, CURRENT, "g") == [("arrived", "g2.ndjson")]
    report = again(warehouse_dsn)
    assert (report.replayed, report.landed, report.duplicate) == (1, 0, 1)
    assert rows(connection, CURRENT, "g") == [("planned", "g1.ndjson")]


def test_a_replayed_return_does_not_undo_what_came_after_it(warehouse_dsn, connection):
    deliver(warehouse_dsn, "h1.ndjson", encounter("h", "planned"))
    deliver(
        warehouse_dsn,
        "h2.ndjson",
        encounter("h0"),
        encounter("h", "planned"),
        reader=without("planned"),
    )
    deliver(warehouse_dsn, "h3.ndjson", encounter("h", "finished"))
    report = again(warehouse_dsn)
    assert (report.replayed, report.duplicate) == (1, 1)
    assert rows(connection, CURRENT, "h") == [("finished", "h3.ndjson")]


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
