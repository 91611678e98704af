"""Feed one FHIR parser spoiled inputs; print how many, the slowest, the RSS.

Runs as a process of its own, so that its memory is its own:
`python -m tests.integration.formats.fuzz_fhir line 20261122`.
"""

import bz2
import gzip
import io
import json
import random
import sys
import tarfile
import time
import zipfile
from collections import Counter
from pathlib import Path

from ledgerline.connectors.formats import container, fhir
from ledgerline.connectors.formats.record import FileRefused, Record, Refusal
from tests.fuzz import INPUTS
from tests.memory import Memory

MESSAGES = Path(__file__).parents[2] / "messages"
NASTY = (
    *(b"\x00", b"\\u0000", b"\\ud800", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf"),
    *(b"NaN", b"-Infinity", b"1e400", b"1e-99999", b"7" * 5000, b"-0", b"1.0E+2"),
    *(b"[" * 1100, b"{" * 40, b"]}", b'"', b"\\", b"\n", b"null", b"[]", b"{}"),
    *(b'"id":"a",', b'"resourceType":"Patient",', b'"entry":[', b'"resource":'),
    *(b"2026-02-31", b'"end":"1900","start":"2000"', b'"#nowhere"', b"urn:uuid:"),
    *(b"<?xml?>", b"<!DOCTYPE a>", b"\x1f\x8b", b"PK\x03\x04", b"ustar", b"\r"),
)


def spoiled(rng, text):
    """Return the text with one to four random faults."""
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(text) + 1)
        until = min(len(text), at + rng.choice((1, 1, 2, 8, 64)))
        put = rng.choice(
            (b"", rng.randbytes(1), rng.choice(NASTY), text[at:until] * 2, b" ")
        )
        text = text[:at] + put + text[until:]
    return text


def short_lines():
    path = MESSAGES / "fhir_resources_of_every_kind.ndjson"
    return [line for line in path.read_bytes().splitlines() if len(line) < 1500]


def bundles():
    whole = json.loads((MESSAGES / "bundle_with_local_references.json").read_bytes())
    entries = [{"resource": json.loads(line)} for line in short_lines()]
    return [
        json.dumps(
            whole | {"entry": [*whole["entry"][:2], entry]}, indent=indent
        ).encode()
        for entry in entries
        for indent in (None, 1)
    ]


def documents():
    return [json.dumps(json.loads(line), indent=1).encode() for line in short_lines()]


def containers():
    """Return files in every packing: what is read, and what is refused."""
    text = b"\n".join(short_lines()[:2])
    zipped, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b.ndjson", text)
    with tarfile.open(fileobj=tarred, mode="w") as archive:
        member = tarfile.TarInfo("a/b.ndjson")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    packed = [gzip.compress(text), bz2.compress(text), zipped.getvalue()]
    return [*packed, tarred.getvalue(), gzip.compress(tarred.getvalue())]


def read_as(kind):
    return lambda text: list(fhir.read(kind, lambda: [text]))


def read_recognised(text):
    """Read a file as landing does: unpack, recognise, read."""
    content = b"".join(container.decode([text]))
    kind = fhir.recognise("a", content[:65536])
    return list(fhir.read(kind, lambda: [content])) if content else []


PARSERS = {
    "line": (short_lines, read_as(fhir.Kind.NDJSON)),
    "bundle": (bundles, read_as(fhir.Kind.BUNDLE)),
    "document": (documents, read_as(fhir.Kind.JSON)),
    "container": (containers, read_recognised),
}


def fuzz(name, seed, inputs=INPUTS):
    """Return what came of the inputs, and the CPU-seconds of the slowest."""
    make, read = PARSERS[name]
    rng = random.Random(f"{seed} {name}")
    seeds, outcomes, slowest = make(), Counter(), 0.0
    for _ in range(inputs):
        text = spoiled(rng, rng.choice(seeds))
        start = time.process_time()
        try:
            items = read(text)
        except FileRefused as refused:
            outcomes[f"file {refused.refusal_class}"] += 1
        else:
            outcomes["record"] += sum(isinstance(item, Record) for item in items)
            outcomes.update(i.refusal_class for i in items if isinstance(i, Refusal))
        slowest = max(slowest, time.process_time() - start)
    return outcomes, slowest


def main():
    name, seed = sys.argv[1:]
    memory = Memory()
    outcomes, slowest = fuzz(name, seed)
    peak = round(memory.grown_megabytes)
    print(
        json.dumps(
            {
                "inputs": INPUTS,
                "slowest_seconds": round(slowest, 3),
                "peak_megabytes": peak,
                "outcomes": dict(outcomes.most_common()),
            }
        )
    )


if __name__ == "__main__":
    main()
