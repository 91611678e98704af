"""HL7 v2: parse and extract against a bare split of the same bytes.

`python bench/hl7v2.py`, no arguments. CPU seconds of this process; the rounds of all
contenders take turns. Exits 1 only when a result is wrong, never when it is slow.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "include"), str(ROOT)]

from ledgerline.connectors.formats import hl7v2
from ledgerline.connectors.formats.hl7v2.extraction import (
    extracted,
    record_of,
)
from ledgerline.connectors.formats.hl7v2.header import open_message
from ledgerline.connectors.formats.record import Record
from tests.unit.connectors.formats.hl7v2_oracles import (
    Hl7Kit,
    PythonHl7,
    expected,
    found,
)

SEED = 20_260_314
VISITS = 2_000
ROUNDS = 7
GOAL = 0.5
CHUNK = 256 * 1024
CHARGES = [
    (
        f"{250 + number % 700:04}^CHARGE {number}^NUBC|||{number % 3 + 1}|"
        f"{(number % 3 + 1) * (number + 10)}.50&USD|{number + 10}.50&USD|"
        "OR^Operating room^L",
        f"{99000 + number}^^C4|26",
    )
    for number in range(1500)
]
"""A charge master: what one item costs is the same each time."""


def main() -> int:
    """Measure, print, and return the exit code."""
    messages = list(_feed(random.Random(SEED), VISITS))
    wrong = _differences(messages[::50])
    if wrong:
        print(f"WRONG: {wrong} messages have other fields than the oracles find")
        return 1
    by_type = {"all": messages}
    for kind in ("ADT", "DFT", "SIU"):
        by_type[kind] = [text for text in messages if kind.encode() + b"^" in text]
    for kind, chosen in by_type.items():
        size = sum(map(len, chosen)) / len(chosen)
        print(f"{kind}: {len(chosen)} messages of {size:.0f} bytes (seed {SEED})")
        if not _measure(kind, chosen):
            return 1
    return 0


def _measure(kind: str, messages: list[bytes]) -> bool:
    """Measure the contenders in turn and print them; False when one is wrong."""
    content = b"".join(messages)
    contenders: dict[str, Callable[[], int]] = {
        "bare split": lambda: _split(messages),
        "parse and extract": lambda: _extract(messages),
        "to a record (JSON and hash too)": lambda: _record(messages),
        "whole file (framing too)": lambda: _read(content),
    }
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, run in contenders.items():
            begun = time.process_time()
            count = run()
            seconds[name].append(time.process_time() - begun)
            if count != len(messages):
                print(f"WRONG: {name} took {count} of {len(messages)} messages")
                return False
    _show(kind, seconds, len(messages))
    return True


def _differences(messages: list[bytes]) -> int:
    """Count the messages in which another parser finds other fields."""
    differing = 0
    for message in messages:
        body = json.loads(record_of(message, 0, len(message), 0).body)
        differing += any(
            found(body) != expected(oracle(message.decode()))
            for oracle in (PythonHl7, Hl7Kit)
        )
    print(f"fields compared with python-hl7 and hl7kit: {len(messages)} messages")
    return differing


def _show(kind: str, seconds: dict[str, list[float]], count: int) -> None:
    bare = seconds.pop("bare split")
    print(f"hl7v2 {kind} bare split: {count / min(bare):,.0f} messages/CPU-s")
    for name, taken in seconds.items():
        ratios = [one / other for one, other in zip(bare, taken, strict=True)]
        print(
            f"hl7v2 {kind} {name}: {statistics.median(ratios):.2f} "
            f"({min(ratios):.2f} {statistics.median(ratios):.2f} {max(ratios):.2f})  "
            f"goal {GOAL}; {count / min(taken):,.0f} messages/CPU-s"
        )


def _split(messages: list[bytes]) -> int:
    count = 0
    for message in messages:
        [segment.split("|") for segment in message.decode().split("\r")]
        count += 1
    return count


def _extract(messages: list[bytes]) -> int:
    count = 0
    for message in messages:
        count += extracted(open_message(message)).control_id != ""
    return count


def _record(messages: list[bytes]) -> int:
    count = 0
    for message in messages:
        count += isinstance(record_of(message, 0, len(message), 0), Record)
    return count


def _read(content: bytes) -> int:
    chunks = (content[at : at + CHUNK] for at in range(0, len(content), CHUNK))
    return sum(isinstance(item, Record) for item in hl7v2.read(lambda: chunks))


def _feed(chance: random.Random, visits: int) -> Iterator[bytes]:
    """Yield the messages of many stays at once, as a feed brings them.

    A stay has an admission, updates, a transfer, charges day by day and a discharge;
    they mix with those of about a hundred other stays.
    """
    running: list[Iterator[bytes]] = []
    left = iter(range(visits))
    control = iter(range(10_000_000))
    while True:
        while len(running) < 100 and (number := next(left, None)) is not None:
            running.append(_stay(chance, number, control))
        if not running:
            return
        stay = chance.choice(running)
        message = next(stay, None)
        if message is None:
            running.remove(stay)
        else:
            yield message


def _stay(
    chance: random.Random, number: int, control: Iterator[int]
) -> Iterator[bytes]:
    plan = ["ADT^A01^ADT_A01", "ADT^A08^ADT_A01", "ADT^A02^ADT_A02"]
    plan += ["DFT^P03^DFT_P03"] * chance.randint(1, 4) + ["ADT^A03^ADT_A03"]
    if chance.random() < 0.3:
        plan.insert(0, "SIU^S12^SIU_S12")
    person = (
        f"PID|1||{1_000_000 + number}^^^MVH^MR~{900_000_000 + number}^^^SSA^SS||"
        f"DOE{number}^JANE^Q||19610203|F||2106-3^White^HL70005|{number} ELM ST^^SPRING"
        f"FIELD^MA^01101^USA^H||(413)555{number:04}^PRN^PH|||M|NON|MVH{number:07}^^^MVH^AN"
    )
    place, at = "4EAST^401^A^MVH", chance.randint(1, 28)
    for step, kind in enumerate(plan):
        moment = f"202603{at:02}{(8 + step) % 24:02}{step * 7 % 60:02}{number % 60:02}"
        if kind.startswith("ADT^A02"):
            place = f"ICU^{chance.randint(1, 20)}^B^MVH"
        left = f"|||||||||{moment}-0500" if kind.startswith("ADT^A03") else "||||||||"
        visit = (
            f"PV1|1|I|{place}|E|||1122334^HOUSE^GREG^^^^MD^^NPI^L^^^NPI|5566778^WILSON^JAM"
            f"ES^^^^MD^^NPI||SUR||||1|||1122334^HOUSE^GREG^^^^MD^^NPI|IN|MVH{number:07}"
            f"^^^MVH^VN|MCR||||||||||||||||01||||||||202603{at:02}081500-0500{left}"
        )
        header = (
            f"MSH|^~\\&|EPICADT|MVH|LEDGERLINE|NET|{moment}-0500||{kind}|"
            f"MSG{next(control):09}|P|2.5.1|||AL|NE|USA|UNICODE UTF-8"
        )
        event = f"EVN|{kind[4:7]}|{moment}-0500||ADM|4711^CLERK^C|{moment}-0500"
        detail = _detail(chance, kind, moment)
        lines = [header, event, person, visit, *detail]
        yield "".join(line + "\r" for line in lines).encode()


def _detail(chance: random.Random, kind: str, moment: str) -> list[str]:
    if kind.startswith("DFT"):
        return [
            f"FT1|{line}|CH{moment}{line}||{moment[:8]}|{moment}|CG|{item}|||||||"
            f"{chance.randint(1, 500)}^PERFORMER|||OR{moment}||{procedure}"
            for line, (item, procedure) in enumerate(
                chance.sample(CHARGES, chance.randint(1, 4)), 1
            )
        ]
    if kind.startswith("SIU"):
        return [
            f"SCH|P{moment}|F{moment}|||||ELECTIVE^Elective^L||90|min|"
            f"^^^{moment}-0500^{moment}-0500",
            "RGS|1|A",
            f"AIL|1|A|OR3^^^MVH|OR^Operating room^L||{moment}-0500",
        ]
    return [
        "NK1|1|DOE^JOHN^^^^^L|SPO^Spouse^HL70063|12 ELM ST^^SPRINGFIELD^MA^01101^USA",
        "PV2||R^Routine^HL70073|^CHEST PAIN|||||202603140815|||||||||||||N",
        "DG1|1||I21.9^Acute myocardial infarction, unspecified^I10|||A",
        "DG1|2||E11.9^Type 2 diabetes mellitus without complications^I10|||A",
        "AL1|1|DA|70618^PENICILLIN^NDDF|SV|HIVES",
        "IN1|1|MCR^Medicare^L|00123|MEDICARE PART A|PO BOX 1^^BALTIMORE^MD^21201|||||||"
        "20260101||||DOE^JANE^Q|SEL^Self^HL70063|19610203|12 ELM ST^^SPRINGFIELD^MA",
    ]


if __name__ == "__main__":
    sys.exit(main())
