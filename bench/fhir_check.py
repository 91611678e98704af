"""FHIR resources checked in a CPU-second: the check alone and the whole record path.

`python bench/fhir_check.py` takes the sandbox's extract, or the NDJSON files below the
folder given as its only argument. All figures of a round come from the same resources
within one process, in CPU-seconds of that process, in batches as a reader has them.
"""

import gzip
import itertools
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "include"))

import jsonschema_rs
import orjson

from ledgerline.connectors.formats import fhir, strict_json
from ledgerline.connectors.formats.fhir import structure
from ledgerline.connectors.formats.fhir.structure import hl7
from ledgerline.connectors.formats.record import Record

OF_EACH_FILE = 1000
BATCH = 50
ROUNDS = 7
GOAL = 50_000


def resources(folder):
    """Return the first lines of every NDJSON file that are taken, by type."""
    found = defaultdict(list)
    for path in sorted(folder.rglob("[A-Z]*.ndjson*")):
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            text = b"".join(itertools.islice(stream, OF_EACH_FILE))
        for item in fhir.read(fhir.Kind.NDJSON, lambda text=text: [text]):
            if isinstance(item, Record):
                found[item.resource_type].append(bytes(item.body))
    return found


def published(name):
    """Compile HL7's schema of one type as it is published."""
    definitions = {**hl7.hl7_definitions(), "ResourceList": {"type": "object"}}
    needed, todo = set(), [name]
    while todo:
        name_of = todo.pop()
        if name_of not in needed:
            needed.add(name_of)
            todo.extend(hl7.referenced(definitions[name_of]))
    return jsonschema_rs.validator_for(
        {
            "$schema": "http://json-schema.org/draft-06/schema#",
            "definitions": {each: definitions[each] for each in needed},
            "$ref": f"#/definitions/{name}",
        }
    ).is_valid


def seconds(work, texts):
    """Return the CPU-seconds of one pass, in batches that are decoded just before."""
    spent = 0.0
    for at in range(0, len(texts), BATCH):
        pairs = [(text, orjson.loads(text)) for text in texts[at : at + BATCH]]
        start = time.process_time()
        work(pairs)
        spent += time.process_time() - start
    return spent


def decode(pairs):
    for text, _ in pairs:
        orjson.loads(text)


def decode_strictly(pairs):
    for text, _ in pairs:
        strict_json.decode(text)


def check(pairs):
    for text, document in pairs:
        structure.check(document, text)


def decode_and_check(pairs):
    for text, _ in pairs:
        structure.check(strict_json.decode(text), text)


def record(pairs):
    block = [b"\n".join(text for text, _ in pairs)]
    for _ in fhir.read(fhir.Kind.NDJSON, lambda: block):
        pass


def one_round(by_type, validators):
    def check_as_published(pairs):
        for _text, document in pairs:
            validators[document["resourceType"]](document)

    works = {
        "orjson decode": decode,
        "jsonschema-rs, HL7's schema": check_as_published,
        "check alone": check,
        "strict decode": decode_strictly,
        "strict decode and check": decode_and_check,
        "whole record path": record,
    }
    return {
        name: sum(seconds(work, texts) for texts in by_type.values())
        for name, work in works.items()
    }


def main():
    folder = Path(sys.argv[1]) if sys.argv[1:] else ROOT / "include/sandbox/extract"
    by_type = resources(folder)
    if not by_type:
        sys.exit(f"{folder} holds no NDJSON of valid resources")
    count = sum(map(len, by_type.values()))
    size = sum(len(text) for texts in by_type.values() for text in texts)
    validators = {name: published(name) for name in by_type}
    print(f"{count} resources of {len(by_type)} types, {size // count} bytes each")
    rounds = [one_round(by_type, validators) for _ in range(ROUNDS + 1)][1:]
    for name in rounds[0]:
        rates = sorted(count / each[name] for each in rounds)
        goal = f"  goal {GOAL:,}" if name == "check alone" else ""
        spread = f"({rates[0]:,.0f} {statistics.median(rates):,.0f} {rates[-1]:,.0f})"
        print(f"{name}: {statistics.median(rates):,.0f} resources/CPU-s {spread}{goal}")
    against(rounds, "check alone", "jsonschema-rs, HL7's schema")
    against(rounds, "strict decode and check", "orjson decode")
    against(rounds, "whole record path", "orjson decode")


def against(rounds, name, other):
    """Print how many times as fast as `other` something is, round by round."""
    ratios = sorted(each[other] / each[name] for each in rounds)
    spread = f"({ratios[0]:.2f} {statistics.median(ratios):.2f} {ratios[-1]:.2f})"
    print(f"{name} against {other}: {statistics.median(ratios):.2f} {spread}")


if __name__ == "__main__":
    main()
