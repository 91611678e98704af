"""Broken answers of a server raise nothing but our own classes."""

import random
import time
from datetime import UTC, datetime

import orjson
import pytest

from ledgerline.canonical.errors import LedgerlineError
from ledgerline.connectors.fhir_server.bulk.manifest import assemble, next_page
from ledgerline.connectors.fhir_server.connection.origin import Origins
from ledgerline.connectors.fhir_server.connection.outcome import is_grave, issue_codes
from ledgerline.connectors.fhir_server.readers import reader
from ledgerline.connectors.fhir_server.transport.retry_after import seconds_to_wait
from ledgerline.connectors.formats.record import Record, Refusal, Tombstone
from tests.fuzz import INPUTS
from tests.memory import Memory

pytestmark = [pytest.mark.integration, pytest.mark.fuzz]
SEED = 20_261_123
NOW = datetime(2026, 11, 22, tzinfo=UTC)
DELETION = (
    b'{"resourceType":"Bundle","type":"transaction","entry":[{"request":'
    b'{"method":"DELETE","url":"Patient/1"}},{"request":{"method":"DELETE",'
    b'"url":"https://h/r4/Encounter/e-2"}}]}\n'
)
OUTCOME = (
    b'{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"x"}]}\n'
)
PAGE = (
    b'{"resourceType":"Bundle","type":"searchset","total":2,"link":[{"relation":"next",'
    b'"url":"x"}],"entry":[{"fullUrl":"http://h/Patient/1","resource":{"resourceType":'
    b'"Patient","id":"1"},"search":{"mode":"match"}},{"resource":{"resourceType":'
    b'"OperationOutcome","issue":[{"severity":"warning","code":"x"}]},"search":'
    b'{"mode":"outcome"}}]}'
)
MANIFEST = (
    b'{"transactionTime":"2026-03-01T12:00:00Z","requiresAccessToken":true,"output":'
    b'[{"type":"Patient","url":"http://h/1","count":7}],"deleted":[],"error":[{"type":'
    b'"OperationOutcome","url":"http://h/2"}],"link":[{"relation":"next","url":"x"}]}'
)
PIECES = (
    *(b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\n", b"\0", b"\xff", b""),
    *(b"null", b"NaN", b"1e999", b"\\u0000", b"\\ud800", b"7", b'"id":"a b",'),
)
ORIGINS = Origins(own="http://h", allowed=frozenset(), where="it")


def broken(chance, text):
    text = bytearray(text)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(text) + 1)
        text[place : place + chance.randint(0, 3)] = chance.choice(PIECES)
    return bytes(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [("fhir-deletions", DELETION), ("fhir-outcomes", OUTCOME), ("fhir-page", PAGE)],
)
def test_broken_files_raise_nothing_foreign(name, text):
    read = reader(name)
    measured(name, text, lambda data: list(read(lambda: iter([data]))))


def test_broken_manifests_raise_nothing_foreign():
    def take(data):
        try:
            document = orjson.loads(data)
        except orjson.JSONDecodeError:
            return []
        if not isinstance(document, dict):
            return []
        next_page(document), is_grave(document), issue_codes(document)
        files = assemble([document], "it").files
        for file in files:
            ORIGINS.check(file.url)
        return list(files)

    measured("manifest", MANIFEST, take)


def test_broken_waits_raise_nothing_at_all():
    chance = random.Random(SEED)
    forms = [b"120", b"Fri, 31 Dec 1999 23:59:59 GMT", b"1772366400", b"1772366400000"]
    understood = 0
    for _ in range(INPUTS):
        told = broken(chance, chance.choice(forms)).decode("latin-1")
        wait = seconds_to_wait(told, NOW, 300)
        assert wait is None or 0 < wait <= 300
        understood += wait is not None
    print(f"Retry-After: {INPUTS} inputs, seed {SEED}, {understood} understood")
    assert understood > 1_000


def measured(name, text, take):
    memory = Memory()
    chance = random.Random(SEED)
    seen = dict.fromkeys(["taken", "refused", "whole refused"], 0)
    slowest = 0.0
    for _ in range(INPUTS):
        data = broken(chance, text)
        begin = time.process_time()
        try:
            for item in take(data):
                is_refused = isinstance(item, Refusal)
                seen["refused" if is_refused else "taken"] += 1
                assert not isinstance(item, Record | Tombstone) or item.resource_id
        except LedgerlineError:
            seen["whole refused"] += 1
        slowest = max(slowest, time.process_time() - begin)
    megabytes = memory.grown_megabytes
    print(
        f"{name}: {INPUTS} inputs, seed {SEED}, {seen}, slowest {slowest:.3f} s, "
        f"{megabytes:.0f} MB"
    )
    assert seen["taken"] > 1_000
    assert slowest < 2
    assert megabytes < 512
