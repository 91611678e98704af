"""Answers to messages: what they name, and what they never hold."""

from datetime import UTC, datetime

import hl7
import pytest

from ledgerline.connectors.formats.hl7v2.acknowledgement import (
    acknowledge,
    answer_codes,
    header_of_any,
    read_header,
)
from ledgerline.connectors.formats.record import RecordRefused
from tests.unit.connectors.formats.hl7v2_text import adt

ONE = adt("A01", "M1")
NOW = datetime(2026, 3, 14, 13, 15, tzinfo=UTC)


def answers(message):
    try:
        header, refused = read_header(message), None
    except RecordRefused as error:
        header, refused = header_of_any(message), error
    return [
        acknowledge(header, code, refused, clock=lambda: NOW)
        for code in answer_codes(header, refused)
    ]


def answer(message):
    (only,) = answers(message)
    return only


def wanting(accept, application, message=ONE):
    """Put MSH-15 and MSH-16 into a message."""
    return message.replace(b"|2.5.1|", f"|2.5.1|||{accept}|{application}".encode(), 1)


def test_an_accepted_message_is_answered_to_its_sender():
    assert answer(ONE) == (
        b"MSH|^~\\&|LEDGER|NET|EPICADT|MVH|20260314131500+0000||ACK^A01^ACK|AM1|P|2.5.1\r"
        b"MSA|AA|M1\r"
    )


@pytest.mark.parametrize(
    ("message", "code", "word"),
    [
        (ONE[:9], "AE", "TRUNCATED"),
        (b"MSH|^~\\", "AE", "TRUNCATED"),
        (b"", "AE", "FRAMING"),
        (b"\xff\x00", "AE", "FRAMING"),
        (ONE + adt("A03", "M2"), "AE", "FRAMING"),
        (ONE.replace(b"4EAST", b"\xff"), "AE", "ENCODING"),
        (ONE.replace(b"|2.5.1|", b"|2.5.1||||||KLINGON"), "AR", "CHARSET"),
    ],
)
def test_a_refused_message_is_answered_with_the_reason(message, code, word):
    found = hl7.parse(answer(message).decode())
    assert str(found.segment("MSA")(1)) == code
    assert str(found.segment("ERR")(5)) == word
    assert str(found.segment("ERR")(3)(1)(3)) == "HL70357"


def test_an_older_version_is_told_in_msa():
    old = ONE.replace(b"|2.5.1|", b"|2.3|").replace(b"4EAST", b"\xff")
    text = answer(old).decode()
    assert "\rERR|" not in text
    assert "MSA|AE|M1|the message is not UTF-8" in text


def test_the_answer_uses_the_separators_of_the_message():
    text = ONE.decode().replace("^~\\&", "@#!%").replace("|", "*").replace("^", "@")
    assert answer(text.encode()).startswith(b"MSH*@#!%*LEDGER*NET*EPICADT*MVH*")


def test_the_answer_holds_no_value_of_the_patient():
    secret = ONE.replace(b"1001", b"ZZSECRET").replace(b"MVH0000123", b"ZZSECRET")
    for message in (secret, secret.replace(b"4EAST", b"\xff"), secret[:150]):
        assert b"ZZSECRET" not in answer(message)


@pytest.mark.parametrize(
    ("accept", "application", "of_a_good_one", "of_a_bad_one"),
    [
        ("", "", ["AA"], ["AE"]),
        ("AL", "", ["CA"], ["CE"]),
        ("AL", "NE", ["CA"], ["CE"]),
        ("NE", "NE", [], []),
        ("ER", "NE", [], ["CE"]),
        ("SU", "NE", ["CA"], []),
        ("", "AL", ["AA"], ["AE"]),
        ("NE", "ER", [], ["AE"]),
        ("NE", "SU", ["AA"], []),
        ("AL", "AL", ["CA", "AA"], ["CE", "AE"]),
        ("al", "ne", ["CA"], ["CE"]),
        ("XX", "", ["CA"], ["CE"]),
        ('""', '""', ["AA"], ["AE"]),
    ],
)
def test_the_message_says_which_answers_its_sender_wants(
    accept, application, of_a_good_one, of_a_bad_one
):
    good = wanting(accept, application)
    bad = good.replace(b"4EAST", b"\xff")
    for message, wanted in ((good, of_a_good_one), (bad, of_a_bad_one)):
        found = [hl7.parse(text.decode()) for text in answers(message)]
        assert [str(text.segment("MSA")(1)) for text in found] == wanted
        assert len({str(text.segment("MSH")(10)) for text in found}) == len(wanted)


def test_a_charset_that_is_not_read_is_rejected_in_either_mode():
    unread = wanting("AL", "NE||KLINGON")
    assert b"\rMSA|CR|M1\rERR|" in answer(unread)


def test_an_answer_in_enhanced_mode_asks_for_no_answer():
    assert answer(wanting("AL", "NE||UNICODE UTF-8")) == (
        b"MSH|^~\\&|LEDGER|NET|EPICADT|MVH|20260314131500+0000||ACK^A01^ACK|CM1|P|2.5.1|||"
        b"NE|NE||UNICODE UTF-8\rMSA|CA|M1\r"
    )
