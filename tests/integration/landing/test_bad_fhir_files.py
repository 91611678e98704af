"""Every bad FHIR file and record of one folder: its class, its place, nothing lost."""

import bz2
import gzip
import io
import json
import os
import stat
import tarfile
import zipfile

import pytest

from ledgerline.landing.land import land_ehr
from tests.integration.landing.folder_source import (
    ENCOUNTER,
    encounters,
    endpoint,
    numbers,
    rows,
)

pytestmark = pytest.mark.integration

SECRET = "ZZPHIsecret"
GOOD = 3


def encounter(**changes):
    return json.dumps(ENCOUNTER | {"id": SECRET} | changes).encode()


def with_value(token):
    """An encounter whose length has this token for a value."""
    return encounter(length={"value": 0}).replace(b'"value": 0', b'"value": ' + token)


def with_language(text):
    return encounter(language="XX").replace(b'"XX"', b'"' + text + b'"')


def zipped(name, content=b"{}", *, is_link=False):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        member = zipfile.ZipInfo(name)
        member.compress_type = zipfile.ZIP_DEFLATED
        if is_link:
            member.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, content)
    return packed.getvalue()


def tarred(name, kind=tarfile.REGTYPE):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.type = kind
        member.linkname = "/etc/passwd"
        archive.addfile(member, io.BytesIO())
    return packed.getvalue()


ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "&a;&a;">]><Patient>&a;</Patient>'
)
OUTSIDE = (
    b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Patient>&a;</Patient>'
)
ZEROS = b"\x00" * 80_000_000

RECORDS = {
    "cut in the middle of a line": (encounter()[:-9], "TRUNCATED_RECORD"),
    "depth of 200,000": (with_value(b"[" * 200_000 + b"]" * 200_000), "RESOURCE_LIMIT"),
    "duplicate key": (encounter()[:-1] + b', "id": "b"}', "JSON_AMBIGUOUS"),
    "NaN": (with_value(b"NaN"), "NUMBER_INVALID"),
    "Infinity": (with_value(b"-Infinity"), "NUMBER_INVALID"),
    "1e400": (with_value(b"1e400"), "NUMBER_INVALID"),
    "1e-99999": (with_value(b"1e-99999"), "NUMBER_INVALID"),
    "5,000 digits": (with_value(b"7" * 5000), "NUMBER_INVALID"),
    "escaped NUL": (with_language(b"a\\u0000"), "ENCODING"),
    "plain NUL": (with_language(b"a\x00"), "ENCODING"),
    "lone surrogate": (with_language(b"\\ud800"), "ENCODING"),
    "CP1252": (with_language(b"fran\xe7ais"), "ENCODING"),
    "status nonsense": (encounter(status="nonsense"), "CODE_INVALID"),
    "unknown field": (encounter(colour="red"), "CONTRACT_DRIFT"),
    "day on no calendar": (
        encounter(period={"start": "2026-02-31T00:00:00Z"}),
        "DATE_INVALID",
    ),
    "infinite day": (encounter(period={"start": "infinity"}), "CONTRACT_DRIFT"),
    "period reversed": (
        encounter(period={"start": "2026-02-02", "end": "2026-02-01"}),
        "DATE_INVALID",
    ),
    "subject is a claim": (
        encounter(subject={"reference": "Claim/1"}),
        "REFERENCE_INVALID",
    ),
    "contained nowhere": (
        encounter(subject={"reference": "#nowhere"}),
        "REFERENCE_INVALID",
    ),
    "no id": (json.dumps(ENCOUNTER).encode(), "ID_MISSING"),
    "no JSON": (b"resource," + SECRET.encode(), "PARSE"),
}
FILES = {
    "gzip cut.ndjson.gz": (gzip.compress(os.urandom(9000))[:-30], "CONTAINER_CORRUPT"),
    "gzip spoiled.ndjson.gz": (b"\x1f\x8b\x08" + b"\x07" * 99, "CONTAINER_CORRUPT"),
    "bzip2 cut.json.bz2": (bz2.compress(b"x" * 999)[:-9], "CONTAINER_CORRUPT"),
    "gzip bomb.ndjson.gz": (gzip.compress(ZEROS), "RESOURCE_LIMIT"),
    "zip bomb.zip": (zipped("a", ZEROS), "RESOURCE_LIMIT"),
    "zip with a way out.zip": (zipped("../../etc/evil"), "PATH_TRAVERSAL"),
    "zip with a root.zip": (zipped("/etc/evil"), "PATH_TRAVERSAL"),
    "zip for windows.zip": (zipped("..\\evil"), "PATH_TRAVERSAL"),
    "zip with a link.zip": (zipped("a", is_link=True), "PATH_TRAVERSAL"),
    "zip cut.zip": (zipped("a", os.urandom(999))[:-30], "CONTAINER_CORRUPT"),
    "innocent.zip": (zipped("a.ndjson"), "UNSUPPORTED_CONTAINER"),
    "tar with a link.tar": (tarred("a", tarfile.SYMTYPE), "PATH_TRAVERSAL"),
    "tar with a device.tar": (tarred("a", tarfile.CHRTYPE), "PATH_TRAVERSAL"),
    "tar with a way out.tar": (tarred("../a"), "PATH_TRAVERSAL"),
    "tar packed.tar.gz": (
        gzip.compress(tarred("a", tarfile.LNKTYPE)),
        "PATH_TRAVERSAL",
    ),
    "innocent.tar": (tarred("a"), "UNSUPPORTED_CONTAINER"),
    "entity bomb.xml": (ENTITIES, "XML_FORBIDDEN"),
    "external entity.xml": (OUTSIDE, "XML_FORBIDDEN"),
    "entity in UTF-16.xml": (ENTITIES.decode().encode("utf-16"), "XML_FORBIDDEN"),
    "entity by another name.ndjson": (ENTITIES + b"\n", "XML_FORBIDDEN"),
    "clinical document.xml": (b"<ClinicalDocument/>", "UNRECOGNISED_FORMAT"),
    "scan.pdf": (b"%PDF-1.7", "UNRECOGNISED_FORMAT"),
    "bundle cut.json": (b'{"resourceType":"Bundle","entry":[{', "TRUNCATED_RECORD"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A good file between files that each hold one fault, and one link."""
    folder = tmp_path_factory.mktemp("bad")
    for number, (text, expected) in enumerate(RECORDS.values()):
        beside = encounters(f"beside{number}x", 1)
        end = b"" if expected == "TRUNCATED_RECORD" else b"\n"
        (folder / f"record {number}.ndjson").write_bytes(beside + text + end)
    for name, (content, _) in FILES.items():
        (folder / name).write_bytes(content)
    (folder / "m good.ndjson").write_bytes(encounters("good", GOOD))
    (folder / "link.ndjson").symlink_to(folder / "m good.ndjson")
    return folder


@pytest.fixture(scope="module")
def report(folder, warehouse_dsn):
    return land_ehr(warehouse_dsn, endpoint(folder))


def quarantined(connection, locator):
    return rows(
        connection,
        """select class, byte_offset, byte_length, message, owner
        from ops.quarantined_record where locator = %s or locator like %s""",
        locator,
        f"{locator}@%",
    )


def test_nothing_else_is_lost_and_nothing_bad_is_taken(report, connection):
    bad = len(RECORDS) + len(FILES) + 1
    landed = GOOD + len(RECORDS)
    assert numbers(report) == (landed + bad, landed, bad, 0)
    balances = rows(connection, "select difference_count from ops.landing_balance")
    assert {count for (count,) in balances} == {0}


@pytest.mark.parametrize(("number", "name"), list(enumerate(RECORDS)))
def test_a_bad_record_is_refused_by_its_class_at_its_place(
    number, name, report, folder, connection
):
    text, expected = RECORDS[name]
    ((found, offset, length, message, owner),) = quarantined(
        connection, f"record {number}.ndjson"
    )
    content = (folder / f"record {number}.ndjson").read_bytes()
    assert found == expected
    assert content[offset : offset + length] == text
    assert owner
    assert SECRET not in message


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_refused_whole_by_its_class(name, report, connection):
    ((found, _, _, message, owner),) = quarantined(connection, name)
    assert found == FILES[name][1], message
    assert owner
    assert "passwd" not in message


def test_a_link_is_not_followed(report, connection):
    ((found, *_),) = quarantined(connection, "link.ndjson")
    assert found == "PATH_TRAVERSAL"


def test_names_that_lead_out_belong_to_security(report, connection):
    owners = rows(
        connection,
        """select distinct owner from ops.quarantined_record
        where class in ('PATH_TRAVERSAL', 'XML_FORBIDDEN', 'RESOURCE_LIMIT')""",
    )
    assert owners == [("security",)]


def test_the_same_folder_again_adds_nothing(report, folder, warehouse_dsn):
    again = land_ehr(warehouse_dsn, endpoint(folder))
    assert again.landed == 0
    assert again.duplicate > 0


def test_decimals_keep_every_digit_that_was_sent(tmp_path, warehouse_dsn, connection):
    exact = ["1.005", "19.99", "0.10", "100.00", "123456789012345678.123456789"]
    lines = [
        with_value(value.encode()).replace(SECRET.encode(), b"exact%d" % number)
        for number, value in enumerate(exact)
    ]
    (tmp_path / "a.ndjson").write_bytes(b"\n".join(lines))
    land_ehr(warehouse_dsn, endpoint(tmp_path))
    found = rows(
        connection,
        """select body -> 'length' ->> 'value' from raw_ehr.record
        where resource_id like 'exact%%' order by resource_id""",
    )
    assert [value for (value,) in found] == exact
