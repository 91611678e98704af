"""X12: claims read to landed rows' input, against other readers of the same bytes.

`python bench/x12.py`, no arguments. CPU seconds of this process; the rounds of all
contenders take turns. A claim is read when its record is there: body as JSON, content
hash, locators. Amounts follow a fee schedule, codes a list, as they do in life; how
many segments a claim has and how many of them are new is printed. So is what an empty
call costs: a Python built without optimization takes half as long again for the same
work. Exits 1 only when a result is wrong, never when it is slow.
"""

from __future__ import annotations

import io
import random
import statistics
import sys
import time
import timeit
import warnings
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "include"), str(ROOT)]

import oxedi

from ledgerline.connectors.formats import x12
from ledgerline.connectors.formats.record import Record
from tests.memory import Memory

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pyx12 import error_handler, params, x12context

SEED = 20_260_314
ROUNDS = 5
CHUNK = 32 * 8096
CLAIMS = 10_000
FEW = 200
"""pyx12's context reader is measured on so many claims: it is slow, and linear."""
GOALS = {"835": 50_000, "837P": 20_000, "837I": 20_000}
SIZES = (1_000, 10_000, 100_000)
MEGABYTES = 200
TIMES_PYX12 = 10
_ISA = (
    "ISA*00*          *00*          *ZZ*{0:15}*ZZ*{1:15}*260302*0900*^*00501*"
    "000000701*0*T*:"
)


Fee = tuple[str, int, int, int]


class Fees:
    """What 400 procedures cost, what a payer allows, and what patients share."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._all = []
        for number in range(400):
            charge = chance.randrange(2_000, 90_000)
            allowed = charge * chance.randrange(20, 80) // 100
            share = chance.choice((0, 0, allowed // 5))
            self._all.append((f"{99000 + number}", charge, allowed, share))

    def some(self, count: int) -> list[Fee]:
        """Return the fees of so many lines."""
        return self._chance.choices(self._all, k=count)

    def diagnosis(self) -> str:
        """Return one of 400 diagnoses."""
        return f"I{self._chance.randrange(400):03}"

    def physician(self) -> str:
        """Return the NPI of one of 60 physicians."""
        return f"11122233{self._chance.randrange(60):02}"


def remittance(claims: int, lines: int) -> bytes:
    """Return an 835 whose claims have so many lines each."""
    fees = Fees(random.Random(SEED))
    body, paid = [], 0
    for number in range(claims):
        chosen = fees.some(lines)
        charge = sum(each[1] for each in chosen)
        share = sum(each[3] for each in chosen)
        payment = sum(each[2] for each in chosen) - share
        paid += payment
        body.append(
            f"CLP*MVH{number:07}*1*{usd(charge)}*{usd(payment)}*{usd(share)}*12*"
            f"CTRL{number:09}*11*1"
        )
        body.append(f"NM1*QC*1*DOE{number % 997}*JANE****MI*ZZ{number:07}")
        for code, cost, allowed, part in chosen:
            body += [
                f"SVC*HC:{code}*{usd(cost)}*{usd(allowed - part)}**1",
                f"DTM*472*202602{1 + number % 28:02}",
                f"CAS*CO*45*{usd(cost - allowed)}",
            ]
            if part:
                body.append(f"CAS*PR*2*{usd(part)}")
    head = [
        f"BPR*I*{usd(paid)}*C*ACH*CCP*01*111*DA*33*1234567890**01*111*DA*22*20260302",
        "TRN*1*TRACE77*1234567890",
        "DTM*405*20260302",
        "N1*PR*BIG PAYER*XV*BP001",
        "N1*PE*MERCY VALLEY HOSPITAL*XX*1999999984",
        "LX*1",
    ]
    return _file("835", "HP", "005010X221A1", ("BIGPAYER", "MERCYVALLEY"), head + body)


def claims_837(kind: str, claims: int) -> bytes:
    """Return an 837I or 837P whose claims have two lines each."""
    fees = Fees(random.Random(SEED))
    body = [
        "BHT*0019*00*MVHI000001*20260302*0600*CH",
        "NM1*41*2*MERCY VALLEY*****46*MV",
        "NM1*40*2*CLEARINGHOUSE*****46*CH",
        "HL*1**20*1",
        "NM1*85*2*MERCY VALLEY HOSPITAL*****XX*1999999984",
        "N3*100 HOSPITAL WAY",
        "N4*SPRINGFIELD*MA*019010000",
        "REF*EI*123456789",
    ]
    for number in range(claims):
        body += _subscriber(number)
        body += _claim(kind, number, fees)
    guide = "005010X223A2" if kind == "837I" else "005010X222A1"
    return _file("837", "HC", guide, ("MVHBILLING", "CLEARINGHOUSE"), body)


def _subscriber(number: int) -> list[str]:
    return [
        f"HL*{number + 2}*1*22*0",
        "SBR*P*18*******MA",
        f"NM1*IL*1*DOE{number % 997}*JANE****MI*ZZ{number:07}",
        f"N3*{number} ELM ST",
        "N4*SPRINGFIELD*MA*01101",
        "DMG*D8*19610203*F",
        "NM1*PR*2*BIG PAYER*****PI*BP001",
    ]


def _claim(kind: str, number: int, fees: Fees) -> list[str]:
    chosen = fees.some(2)
    charge, day = sum(each[1] for each in chosen), f"202602{1 + number % 28:02}"
    place = "11:A:1**A*Y*Y" if kind == "837I" else "11:B:1*Y*A*Y*Y"
    segments = [f"CLM*MVH{number:07}*{usd(charge)}***{place}"]
    if kind == "837I":
        segments += [f"DTP*434*RD8*{day}-{day}", "CL1*1*1*01", "HI*DR:247"]
    segments += [
        f"REF*EA*MRN{number}",
        f"HI*ABK:{fees.diagnosis()}",
        f"HI*ABF:{fees.diagnosis()}*ABF:{fees.diagnosis()}",
        f"NM1*82*1*HOUSE*GREG****XX*{fees.physician()}",
    ]
    for line, (code, cost, _, _) in enumerate(chosen, start=1):
        service = f"SV2*0300*HC:{code}" if kind == "837I" else f"SV1*HC:{code}"
        tail = "" if kind == "837I" else "***1"
        segments += [
            f"LX*{line}",
            f"{service}*{usd(cost)}*UN*1{tail}",
            f"DTP*472*D8*{day}",
            f"REF*6R*MVH{number:07}L{line}",
        ]
    return segments


def _file(
    kind: str, group: str, guide: str, parties: tuple[str, str], body: list[str]
) -> bytes:
    header = f"ST*{kind}*0001*{guide}"
    if kind == "835":
        header = f"ST*{kind}*0001"
    segments = [
        _ISA.format(*parties),
        f"GS*{group}*{parties[0]}*{parties[1]}*20260302*0900*71*X*{guide}",
        header,
        *body,
        f"SE*{len(body) + 2}*0001",
        "GE*1*71",
        "IEA*1*000000701",
    ]
    return "".join(f"{segment}~\n" for segment in segments).encode()


def usd(cents: int) -> str:
    """Return cents as an amount."""
    return f"{cents // 100}.{cents % 100:02}"


def main() -> int:
    """Measure, print, and return the exit code."""
    is_right = True
    calls = timeit.Timer("call()", "def call(): pass", timer=time.process_time)
    cost = min(calls.repeat(number=100_000)) * 1e4
    print(f"{sys.executable}: an empty call costs {cost:.0f} CPU-nanoseconds")
    for lines in (1, 3):
        text = remittance(CLAIMS, lines)
        few = remittance(FEW, lines)
        is_right &= _compare("835", f"{lines} line(s)", text, few, with_oxedi=True)
    for kind in ("837P", "837I"):
        text, few = claims_837(kind, CLAIMS), claims_837(kind, FEW)
        is_right &= _compare(kind, "2 lines", text, few, with_oxedi=False)
    return 0 if is_right and _grow() else 1


def _compare(
    kind: str, what: str, text: bytes, few: bytes, *, with_oxedi: bool
) -> bool:
    """Measure the contenders in turn and print them; False when one is wrong."""
    contenders: dict[str, Callable[[], int]] = {
        "bare split": lambda: _split(text, kind),
        "ours": lambda: _read(text),
        "pyx12 context": lambda: _pyx12(few, kind),
    }
    if with_oxedi:
        contenders["oxedi"] = lambda: int(oxedi.parse(text).count_claims())
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, run in contenders.items():
            begun = time.process_time()
            count = run()
            rates[name].append(count / (time.process_time() - begun))
            if count != (FEW if name.startswith("pyx12") else CLAIMS):
                print(f"WRONG: {name} found {count} claims")
                return False
    segments = text.split(b"~\n")
    print(
        f"{kind}, {what}: {len(segments) / CLAIMS:.1f} segments a claim, "
        f"{len(set(segments)) / CLAIMS:.1f} of them new (seed {SEED})"
    )
    for name, found in rates.items():
        goal = f"  goal {GOALS[kind]:,}" if name == "ours" else ""
        print(f"  {name}: {_spread(found, ',.0f')} claims/CPU-s{goal}")
    for name in contenders.keys() - {"ours"}:
        ratios = [a / b for a, b in zip(rates["ours"], rates[name], strict=True)]
        goal = f"  goal {TIMES_PYX12}" if name.startswith("pyx12") else ""
        print(f"  ours against {name}: {_spread(ratios, '.2f')}{goal}")
    return True


def _spread(found: list[float], form: str) -> str:
    median = statistics.median(found)
    return f"{median:{form}} ({min(found):{form}} to {max(found):{form}})"


def _grow() -> bool:
    """Read ever larger files: the time a claim takes, and the memory of it all."""
    costs = []
    for claims in SIZES:
        text = remittance(claims, 1)
        memory = Memory()
        best = min(_seconds(text, claims) for _ in range(3))
        megabytes = memory.grown_megabytes
        costs.append(best / claims)
        print(
            f"835 of {claims:,} claims, {len(text) / 1e6:.1f} MB: "
            f"{best / claims * 1e6:.1f} CPU-microseconds a claim, {megabytes:.0f} MB "
            f"more memory  goal {MEGABYTES}"
        )
    print(f"largest against smallest, a claim: {costs[-1] / costs[0]:.2f}  goal 1.0")
    return True


def _seconds(text: bytes, claims: int) -> float:
    begun = time.process_time()
    if _read(text) != claims:
        raise AssertionError(claims)
    return time.process_time() - begun


def _read(text: bytes) -> int:
    chunks = (text[at : at + CHUNK] for at in range(0, len(text), CHUNK))
    return sum(
        isinstance(item, Record) and item.resource_type.endswith(".claim")
        for item in x12.read(lambda: chunks)
    )


def _split(text: bytes, kind: str) -> int:
    tag = "CLP" if kind == "835" else "CLM"
    segments = [segment.split("*") for segment in text.decode().split("~\n")]
    return sum(segment[0] == tag for segment in segments)


def _pyx12(text: bytes, kind: str) -> int:
    loop = "2100" if kind == "835" else "2300"
    reader = x12context.X12ContextReader(
        params.params(), error_handler.errh_null(), io.StringIO(text.decode())
    )
    return sum(node.id == loop for node in reader.iter_segments(loop))


if __name__ == "__main__":
    sys.exit(main())
