"""The inbox lands like any other source: with file, offset, quarantine and balance."""

import pytest

from ledgerline.connectors.mllp import frame_file
from ledgerline.landing.inbox.source import InboxSource, has_mail
from ledgerline.landing.land import land
from tests.integration.mllp.service import Sender, message, rows

pytestmark = pytest.mark.integration


def record_bytes(dsn, control_id):
    """The bytes that a record was made from, cut out of its file."""
    return rows(
        dsn,
        """
        select substring(
            string_agg(chunk.bytes, ''::bytea order by chunk.chunk_number)
            from record.byte_offset::integer + 1 for record.byte_length
        )
        from raw_ehr.record as record
        inner join raw_ehr.file_chunk as chunk on record.file_id = chunk.file_id
        where record.body ->> 'control_id' = %s
        group by record.record_id
        """,
        control_id,
    )


def ask_all(service, *messages):
    with Sender(service.port) as sender:
        return [sender.ask(part).code for part in messages]


def test_what_waits_becomes_records_with_their_place_and_the_inbox_forgets_bytes(
    service,
):
    names = [f"land{number}" for number in range(20)]
    ask_all(service, *(message(name) for name in names))
    report = land(service.dsn, InboxSource(service.dsn))
    assert (report.received, report.landed, report.files) == (20, 20, 1)
    assert report.by_type == {"ADT": 20}
    for name in names:
        assert record_bytes(service.dsn, name) == [(message(name),)]
    left = rows(
        service.dsn,
        "select count(*), count(bytes), count(file_id), min(file.name) "
        "from raw_ehr.inbox left join raw_ehr.file using (file_id)",
    )
    assert left[0][:3] == (20, 0, 20)
    assert left[0][3].startswith("inbox/0000")
    assert not has_mail(service.dsn)


def test_a_repetition_after_landing_is_accepted_and_stored_nowhere(service):
    content = message("landedbefore")
    assert ask_all(service, content) == ["AA"]
    land(service.dsn, InboxSource(service.dsn))
    other = message("landedbefore", name="JOHN")
    assert ask_all(service, content, other) == ["AA", "AE"]
    report = land(service.dsn, InboxSource(service.dsn))
    assert (report.received, report.landed, report.by_class) == (
        1,
        0,
        {"DUPLICATE_CONFLICT": 1},
    )
    assert record_bytes(service.dsn, "landedbefore") == [(content,)]


def test_what_was_refused_at_the_door_waits_in_quarantine(service):
    glued = message("glued1") + message("glued2")
    tabbed = message("tabbed").replace(b"ICU", b"I\x0bU")
    parts = [message("fine"), glued, b"\x0bMSH?", tabbed, b"MSH|^~\\"]
    codes = ask_all(service, *parts)
    assert codes == ["AA", "AE", "AE", "AA", "AE"]
    report = land(service.dsn, InboxSource(service.dsn))
    assert report.received == 5
    assert report.landed == 2
    assert report.by_class == {"FRAMING": 1, "TRUNCATED": 2}
    refused = rows(
        service.dsn,
        "select class, stage, message, byte_length, locator from "
        "ops.quarantined_record where batch_id = %s order by quarantine_id",
        report.batch_id,
    )
    assert [row[3] for row in refused] == [len(glued), 4, 7]
    assert "ZZPHI" not in str(refused)
    assert record_bytes(service.dsn, "tabbed") == [(tabbed,)]


def test_a_message_over_the_limit_is_a_resource_limit_in_quarantine(service):
    huge = message("over") + b"NTE|1||" + b"x" * (17 * 1024 * 1024)
    assert ask_all(service, huge, message("besides")) == ["AR", "AA"]
    report = land(service.dsn, InboxSource(service.dsn))
    assert report.received == 2
    assert report.by_class == {"RESOURCE_LIMIT": 1}


def test_much_mail_is_rolled_up_into_several_files(service):
    with Sender(service.port) as sender:
        sender.send(*(message(f"roll{number}") for number in range(200)))
        assert {sender.answer().code for _ in range(200)} == {"AA"}
    report = land(service.dsn, InboxSource(service.dsn, delivery_bytes=10_000))
    assert (report.received, report.landed) == (200, 200)
    assert report.files > 5
    names = rows(
        service.dsn,
        "select resource_id from raw_ehr.record where resource_id like %s "
        "order by record_id",
        "%|roll%",
    )
    assert [row[0] for row in names] == [f"EPICENTER|MVH|roll{n}" for n in range(200)]


def test_an_empty_inbox_lands_nothing(service):
    land(service.dsn, InboxSource(service.dsn))
    report = land(service.dsn, InboxSource(service.dsn))
    assert (report.received, report.files) == (0, 0)


def test_a_file_of_frames_is_read_back_however_its_bytes_arrive():
    messages = [message("one"), b"", message("two", ends="\n"), b"no message"]
    stored = frame_file.written(messages)
    for size in (1, 7, len(stored)):
        chunks = [stored[at : at + size] for at in range(0, len(stored), size)]
        items = list(frame_file.read(lambda chunks=chunks: iter(chunks)))
        lengths = [item.byte_length for item in items]
        assert lengths == [len(part) for part in messages]
        cut = [stored[i.byte_offset : i.byte_offset + i.byte_length] for i in items]
        assert cut == messages
