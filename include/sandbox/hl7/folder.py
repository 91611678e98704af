"""The feed's folder: files by facility and day, and where in them the faults lie."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from sandbox.extract.period import period
from sandbox.hl7.feed import (
    CONFLICT,
    DUPLICATE,
    LATE,
    LINE_FEEDS,
    TRUNCATED,
    Feed,
    Message,
)
from sandbox.hl7.wire import BYTE_ORDER_MARK, batched, framed, style

MARKED_AFTER = timedelta(days=13)  # the first Monday
EXPECTED = {
    DUPLICATE: ("DUPLICATE", "counted as a duplicate, no record"),
    CONFLICT: ("DUPLICATE_CONFLICT", "the message is quarantined, the first stands"),
    TRUNCATED: ("TRUNCATED", "the message is quarantined, every other one lands"),
    LINE_FEEDS: ("SEGMENT_DELIM", "read as if its segments ended in CR"),
    LATE: ("ORDER_WAIT", "provisional until it arrives, then as in time"),
}
REFUSED = {CONFLICT, TRUNCATED}
Fault = tuple[str, str, Message]  # file name, locator, message


def _file_name(message: Message) -> str:
    """Return the file of a message: charges come on Sundays, the rest every day."""
    arrived: date = message.arrives_at.date()
    kind = "adt"
    if message.code == "DFT":
        arrived += timedelta(days=7 - arrived.isoweekday())
        kind = "dft"
    return f"{message.facility.code}_{arrived:%Y%m%d}_{kind}.hl7"


def _pieces(name: str, messages: list[Message]) -> Iterator[tuple[bytes, bytes]]:
    """Yield what a file is made of: what stands before a message, and the message."""
    facility = messages[0].facility
    told = style(facility)
    contents = [message.content for message in messages]
    is_charge = messages[0].code == "DFT"
    if told.is_framed:
        for content in contents:
            yield b"\x0b", framed(content)[1:]
        return
    if not (told.has_charge_batches if is_charge else told.has_admission_batches):
        marked = f"LGH_{period().week(0) + MARKED_AFTER:%Y%m%d}_dft.hl7"
        mark = BYTE_ORDER_MARK if name == marked else b""
        yield from zip((mark, *[b""] * len(contents)), contents, strict=False)
        return
    end = told.charge_end if is_charge else told.admission_end
    head, *_, tail = batched(facility, name, contents, end)
    yield head, contents[0]
    yield from ((b"", content) for content in contents[1:])
    yield tail, b""


def write_feed(feed: Feed, folder: Path) -> tuple[dict[str, int], list[Fault]]:
    """Write every file; return the messages by type and the faults with their places.

    A message counts once however often it was sent, and not at all when it was sent
    only in part or under another one's number.
    """
    files: dict[str, list[Message]] = defaultdict(list)
    for message in feed.messages:
        files[_file_name(message)].append(message)
    faults: list[Fault] = []
    for name, listed in sorted(files.items()):
        listed.sort(key=lambda message: (message.arrives_at, message.sequence))
        written = bytearray()
        for number, (before, content) in enumerate(_pieces(name, listed)):
            written += before
            if number < len(listed) and listed[number].fault:
                faults.append((name, f"byte {len(written)}", listed[number]))
            written += content
        (folder / name).write_bytes(written)
    return dict(sorted(feed.counts.items())), faults


def fault_rows(faults: list[Fault]) -> Iterator[tuple[str, ...]]:
    """Yield each fault as a row of the list of planted defects."""
    for name, locator, message in faults:
        expected_class, outcome = EXPECTED[message.fault]
        is_quarantined = "true" if message.fault in REFUSED else "false"
        is_read = message.fault != TRUNCATED
        yield (
            message.fault,
            "ehr_hl7v2",
            name,
            message.code if is_read else "",
            locator,
            expected_class,
            is_quarantined,
            outcome,
        )
