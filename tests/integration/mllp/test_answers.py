"""What a sender is answered, and that what was answered is stored."""

import re
import socket
import time

import hl7
import psycopg
import pytest
from hl7.client import MLLPClient
from psycopg import errors

from tests.integration.mllp.service import (
    PASSWORD,
    Sender,
    framed,
    inbox,
    message,
    rows,
)

pytestmark = pytest.mark.integration


def test_a_foreign_sender_is_acknowledged_and_its_bytes_are_stored(service):
    content = message("foreign1")
    with MLLPClient("127.0.0.1", service.port) as client:
        answer = client.send_message(content)
    assert answer.startswith(b"\x0b")
    assert answer.endswith(b"\x1c\r")
    parsed = hl7.parse(answer[1:-2].decode())
    assert str(parsed.segment("MSA")[1]) == "AA"
    assert str(parsed.segment("MSA")[2]) == "foreign1"
    assert str(parsed.segment("MSH")[5]) == "EPICENTER"
    stored = rows(
        service.dsn,
        "select sender, bytes, peer, content_sha256 = sha256(bytes), file_id "
        "from raw_ehr.inbox where control_id = 'foreign1'",
    )
    assert stored == [("EPICENTER|MVH", content, "127.0.0.1", True, None)]


def wanting(control_id, accept, application, **parts):
    """An admission with MSH-15 and MSH-16."""
    content = message(control_id, **parts)
    conditions = f"|2.5.1|||{accept}|{application}\r".encode()
    return content.replace(b"|2.5.1\r", conditions, 1)


def test_a_foreign_sender_in_enhanced_mode_is_told_that_its_bytes_are_stored(service):
    content = wanting("commit1", "AL", "NE")
    with MLLPClient("127.0.0.1", service.port) as client:
        parsed = hl7.parse(client.send_message(content)[1:-2].decode())
    assert str(parsed.segment("MSA")[1]) == "CA"
    assert str(parsed.segment("MSA")[2]) == "commit1"
    assert (str(parsed.segment("MSH")[15]), str(parsed.segment("MSH")[16])) == (
        "NE",
        "NE",
    )
    assert inbox(service.dsn, "commit1") == [("commit1", content)]


def test_who_wants_an_answer_to_errors_only_hears_of_errors_only(service, sender):
    quiet = wanting("quiet1", "ER", "NE"), wanting("quiet1", "ER", "NE", name="JOHN")
    never = wanting("quiet2", "NE", "NE")
    sender.send(*quiet, never, message("loud"))
    first, last = sender.answer(), sender.answer()
    assert (first.code, first.control_id) == ("CE", "quiet1")
    assert first.error == ("205", "DUPLICATE_CONFLICT")
    assert (last.code, last.control_id) == ("AA", "loud")
    stored = [("quiet1", quiet[0]), ("quiet1", quiet[1]), ("quiet2", never)]
    assert inbox(service.dsn, "quiet") == stored


def test_who_wants_both_answers_hears_both_in_order(service, sender):
    sender.send(wanting("both", "AL", "AL"), message("next"))
    found = [sender.answer() for _ in range(3)]
    told = [(answer.code, answer.control_id) for answer in found]
    assert told == [("CA", "both"), ("AA", "both"), ("AA", "next")]


def test_the_same_message_again_is_accepted_again_and_stored_once(service, sender):
    content = message("again")
    codes = [sender.ask(content).code for _ in range(3)]
    sender.send(content, content)
    codes += [sender.answer().code, sender.answer().code]
    assert codes == ["AA"] * 5
    assert inbox(service.dsn, "again") == [("again", content)]


def test_a_control_id_with_other_content_is_an_error_each_time_and_kept(
    service, sender
):
    first, other = message("twice"), message("twice", name="JOHN")
    codes = [sender.ask(part).code for part in (first, other, first, other)]
    assert codes == ["AA", "AE", "AA", "AE"]
    assert sender.ask(other).error == ("205", "DUPLICATE_CONFLICT")
    assert inbox(service.dsn, "twice") == [("twice", first), ("twice", other)]


def test_a_conflict_within_one_write_is_told_apart_too(service, sender):
    first, other = message("within"), message("within", name="JOHN")
    sender.send(first, other, first)
    assert [sender.answer().code for _ in range(3)] == ["AA", "AE", "AA"]
    assert len(inbox(service.dsn, "within")) == 2


def test_the_same_control_id_of_two_senders_is_no_conflict(service, sender):
    parts = [message("shared", facility=name) for name in ("MVH", "LGH")]
    assert [sender.ask(part).code for part in parts] == ["AA", "AA"]


def test_line_feeds_and_both_ends_are_accepted(service, sender):
    assert sender.ask(message("lf", ends="\n")).code == "AA"
    assert sender.ask(message("crlf", ends="\r\n")).code == "AA"


UNREADABLE = {
    "glued": (message("g1") + message("g2"), "AE", "FRAMING"),
    "truncated": (b"MSH|^~\\", "AE", "TRUNCATED"),
    "header only": (message("cut").split(b"\r")[0], "AE", "TRUNCATED"),
    "no header": (b"PID|1||ZZPHI", "AE", "FRAMING"),
    "binary": (bytes(range(0x20, 0x100)) + b"\x00", "AE", "FRAMING"),
    "no control id": (message(""), "AE", "ID_MISSING"),
    "NUL": (message("nul").replace(b"ICU", b"I\x00U"), "AE", "ENCODING"),
    "bad UTF-8": (message("utf").replace(b"ICU", b"I\xffU"), "AE", "ENCODING"),
    "charset": (
        message("set").replace(b"2.5.1", b"2.5.1||||||KLINGON"),
        "AR",
        "CHARSET",
    ),
    "long id": (message("x" * 600), "AR", "RESOURCE_LIMIT"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_refused_but_stored_and_the_connection_stays(
    service, sender, name
):
    content, code, refusal_class = UNREADABLE[name]
    answer = sender.ask(content)
    assert (answer.code, answer.error[1]) == (code, refusal_class)
    assert "ZZPHI" not in answer.text
    stored = rows(
        service.dsn,
        "select sender, control_id from raw_ehr.inbox where bytes = %s",
        content,
    )
    assert stored == [("", "")]
    assert sender.ask(message(f"after{name}".replace(" ", ""))).code == "AA"


def test_many_messages_in_one_write_are_answered_in_order(service, sender):
    names = [f"many{number}" for number in range(500)]
    sender.send(*(message(name) for name in names))
    answers = [sender.answer() for _ in names]
    assert [answer.control_id for answer in answers] == names
    assert {answer.code for answer in answers} == {"AA"}
    assert [name for name, _ in inbox(service.dsn, "many")] == names


def test_bytes_that_trickle_in_make_the_same_message(service, sender):
    for byte in framed(message("trickle")):
        sender.plug.sendall(bytes([byte]))
    assert sender.answer().code == "AA"
    assert inbox(service.dsn, "trickle") == [("trickle", message("trickle"))]


def test_a_missing_carriage_return_and_noise_between_frames_do_no_harm(service, sender):
    sender.plug.sendall(b"noise\x0b" + message("nocr") + b"\x1c")
    assert sender.answer().code == "AA"
    sender.plug.sendall(b"\r\nGET / HTTP/1.1\r\n" + framed(message("noise")))
    assert sender.answer().code == "AA"
    assert len(inbox(service.dsn, "no")) == 2


def test_a_message_that_starts_again_before_it_ended_is_taken_once_complete(
    service, sender
):
    whole = message("restart")
    sender.plug.sendall(b"\x0b" + whole[:200] + framed(whole))
    assert sender.answer().code == "AA"
    assert inbox(service.dsn, "restart") == [("restart", whole)]


def test_a_message_cut_by_the_end_of_its_connection_is_neither_answered_nor_kept(
    service,
):
    with Sender(service.port) as cut:
        cut.plug.sendall(framed(message("cut"))[:-2])
        cut.plug.shutdown(socket.SHUT_WR)
        with pytest.raises(ConnectionError):
            cut.answer()
    assert inbox(service.dsn, "cut") == []


def test_the_listeners_role_adds_to_the_inbox_and_reads_no_patient(service):
    dsn = psycopg.conninfo.make_conninfo(
        service.dsn, user="ledgerline_listener", password=PASSWORD
    )
    for statement in (
        "select bytes from raw_ehr.inbox",
        "delete from raw_ehr.inbox",
        "update raw_ehr.inbox set bytes = null",
        "select * from raw_ehr.record",
        "select * from ops.quarantined_record",
        "create table raw_ehr.mine ()",
    ):
        with (
            psycopg.connect(dsn) as connection,
            pytest.raises(errors.InsufficientPrivilege),
        ):
            connection.execute(statement)


def test_neither_log_nor_answer_holds_a_patients_value(service, sender):
    sender.ask(message("canary").replace(b"ICU", b"ZZPHI\xff"))
    sender.send(message("canary2"), b"ZZPHI" * 100)
    answers = [sender.answer().text, sender.answer().text]
    time.sleep(0.1)
    text = service.log.read_text() + "".join(answers)
    assert "refused" in text
    assert not re.search("ZZPHI", text)
