"""The same bytes again: in a whole extract, in another folder, under another name."""

import time
from dataclasses import dataclass, replace

import pytest

from ledgerline.connectors import ehr_folder, hl7_folder
from ledgerline.connectors.formats.record import Refusal, RefusalClass
from ledgerline.landing.land import land
from tests.integration.landing import offered
from tests.integration.landing.folder_source import (
    endpoint,
    numbers,
    rows,
)
from tests.integration.landing.offered import Offered, delivery, lines

pytestmark = pytest.mark.integration


@dataclass(kw_only=True)
class WithRefusals(Offered):
    """A source whose rows with `bad` are refused."""

    is_whole: bool = True

    def reader(self, format_name):
        def read(content):
            for item in offered.read(content):
                if b'"bad"' in getattr(item, "body", b""):
                    yield Refusal(
                        resource_type=item.resource_type,
                        refusal_class=RefusalClass.PARSE,
                        message="it is bad",
                        byte_offset=item.byte_offset,
                        byte_length=item.byte_length,
                    )
                else:
                    yield item

        return read


def bodies(connection, prefix):
    found = rows(
        connection,
        "select body from raw_clinic.current_record "
        "where starts_with(resource_id, %s) order by resource_id",
        prefix,
    )
    return [row[0] for row in found]


def ids(connection, prefix):
    return [body["id"] for body in bodies(connection, prefix)]


def whole(dsn, name, *offers):
    return land(dsn, WithRefusals(name=name, offers=list(offers)))


def test_a_miscounted_extract_offered_again_makes_nothing_vanish(
    warehouse_dsn, connection
):
    whole_file = lines({"id": "m1"}, {"id": "m2"}, {"id": "m3"})
    whole(warehouse_dsn, "clinic_m", delivery("m", whole_file, count=3))
    for _ in range(2):
        whole(warehouse_dsn, "clinic_m", delivery("m", lines({"id": "m1"}), count=3))
        assert ids(connection, "m") == ["m1", "m2", "m3"]


def test_a_refused_record_offered_again_does_not_vanish(warehouse_dsn, connection):
    good, bad = [{"id": "r1"}, {"id": "r2"}], [{"id": "r1"}, {"id": "r2", "bad": 1}]
    whole(warehouse_dsn, "clinic_r", delivery("r", lines(*good)))
    for _ in range(2):
        whole(warehouse_dsn, "clinic_r", delivery("r", lines(*bad)))
        assert ids(connection, "r") == ["r1", "r2"]


def test_a_file_that_comes_back_brings_back_what_had_vanished(
    warehouse_dsn, connection
):
    first, second = (
        delivery("b1", lines({"id": "b1"})),
        delivery("b2", lines({"id": "b2"})),
    )
    whole(warehouse_dsn, "clinic_b", first, second)
    whole(warehouse_dsn, "clinic_b", first)
    assert ids(connection, "b") == ["b1"]
    whole(warehouse_dsn, "clinic_b", first, second)
    assert ids(connection, "b") == ["b1", "b2"]


def test_content_that_returns_under_another_name_is_shown(warehouse_dsn, connection):
    old, new = lines({"id": "n1", "v": 1}), lines({"id": "n1", "v": 2})
    for name, content in (("n-a", old), ("n-b", new), ("n-b", old)):
        land(warehouse_dsn, Offered(offers=[delivery(name, content)]))
    assert [body["v"] for body in bodies(connection, "n")] == [1]


def test_a_resource_deleted_twice_in_the_same_words_is_deleted(
    warehouse_dsn, connection
):
    deletion = delivery("deleted", lines({"id": "d2x", "deleted": True}))
    gone = replace(deletion, is_said_anew=True)
    for offer in (
        delivery("d1", lines({"id": "d2x", "v": 1})),
        gone,
        delivery("d1", lines({"id": "d2x", "v": 2})),
        gone,
    ):
        land(warehouse_dsn, Offered(offers=[offer]))
    assert ids(connection, "d2x") == []
    again = land(warehouse_dsn, Offered(offers=[gone]))
    assert numbers(again) == (1, 0, 0, 1)


def test_a_file_put_into_the_wrong_folder_lands_from_the_right_one(
    warehouse_dsn, tmp_path
):
    message = (
        b"MSH|^~\\&|EPIC|MVH|RCV|X|20250601120000||ADT^A01|WRONGFOLDER1|P|2.5\r"
        b"EVN|A01|20250601120000\rPID|1||77001^^^MVH^MR||Roe^Jane\r"
        b"PV1|1|I|6010^^^MVH||||||||||||||||WF1\r"
    )
    wrong, right = tmp_path / "fhir", tmp_path / "hl7"
    for folder in (wrong, right):
        folder.mkdir()
        (folder / "a.hl7").write_bytes(message)
    first = land(warehouse_dsn, ehr_folder.source(endpoint(wrong)))
    assert numbers(first) == (1, 0, 1, 0)
    report = land(warehouse_dsn, hl7_folder.source(endpoint(right)))
    assert numbers(report) == (1, 1, 0, 0)


def test_the_later_of_two_contents_in_a_file_stands_however_it_is_merged(
    warehouse_dsn, connection
):
    def versions(count, v):
        return [{"id": f"o{n}", "v": v, "pad": "x" * 200} for n in range(count)]

    count = 3_000
    land(warehouse_dsn, Offered(offers=[delivery("o0", lines(*versions(count, 0)))]))
    name = rows(connection, "select current_database()")[0][0]
    connection.execute(f'alter database "{name}" set enable_nestloop = off')
    connection.execute(f'alter database "{name}" set enable_hashjoin = off')
    try:
        both = versions(1, 0) + versions(count, 1) + versions(count, 2)
        land(warehouse_dsn, Offered(offers=[delivery("o1", lines(*both))]))
    finally:
        connection.execute(f'alter database "{name}" reset all')
    assert {body["v"] for body in bodies(connection, "o")} == {2}


SAID = {
    "first time": ([], [1, 2, 1], 1),
    "both known": ([1, 2], [2, 1], 1),
    "the last one known": ([1], [2, 1], 1),
    "the last one shown": ([1, 2], [1, 2], 2),
    "back and on": ([1], [2, 1, 3], 3),
}


@pytest.mark.parametrize("apart", [0, 3_000], ids=["near", "blocks apart"])
@pytest.mark.parametrize("case", SAID)
def test_what_a_file_says_last_of_a_resource_stands(
    warehouse_dsn, connection, case, apart
):
    before, said, last = SAID[case]
    name = f"s{apart}{case.replace(' ', '')}"

    def states(values):
        pads = [{"id": f"{name}-{n}", "pad": "x" * 200} for n in range(apart)]
        return [
            row
            for at, value in enumerate(values)
            for row in ({"id": name, "v": value}, *pads[at :: len(values)])
        ]

    for number, value in enumerate(before):
        earlier = delivery(f"{name}{number}", lines({"id": name, "v": value}))
        land(warehouse_dsn, Offered(offers=[earlier]))
    for more in ([], [{"id": f"{name}-more"}]):
        content = lines(*states(said), *more)
        land(warehouse_dsn, Offered(offers=[delivery(name, content)]))
        assert bodies(connection, name)[0]["v"] == last
    known = "select count(*) from raw_clinic.record where resource_id = %s"
    assert rows(connection, known, name) == [(len({*before, *said}),)]


def test_a_small_file_of_known_content_does_not_read_the_whole_zone(
    warehouse_dsn, connection
):
    def read_so_far():
        others = (
            "select from pg_stat_activity where datname = current_database() "
            "and backend_type = 'client backend' and pid <> pg_backend_pid()"
        )
        while connection.execute(others).fetchall():
            time.sleep(0.05)  # a backend adds to the counts when it ends
        connection.execute("select pg_stat_force_next_flush()")
        connection.execute("select pg_stat_clear_snapshot()")
        return rows(
            connection,
            "select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) "
            "from pg_stat_user_tables "
            "where schemaname = 'raw_clinic' and relname = 'record'",
        )[0][0]

    known = [{"id": f"w{number}"} for number in range(20_000)]
    changed = [{"id": f"w{number}", "v": 2} for number in range(30)]
    for name, held in (("w0", known), ("w1", changed)):
        land(warehouse_dsn, Offered(offers=[delivery(name, lines(*held))]))
    connection.execute("vacuum analyze raw_clinic.record")
    before = read_so_far()
    offer = delivery("w2", lines(*known[:20], {"id": "w-new"}))
    assert numbers(land(warehouse_dsn, Offered(offers=[offer]))) == (21, 1, 0, 20)
    assert read_so_far() - before < 25_000
    assert {body.get("v") for body in bodies(connection, "w1")} >= {None}
