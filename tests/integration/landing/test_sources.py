"""Any source lands: its own raw zone, its state, its deletions, its stated counts."""

import psycopg
import pytest

from ledgerline.canonical.errors import ConfigurationInvalid, SourceUnavailable
from ledgerline.connectors.formats.record import RefusalClass
from ledgerline.landing.land import land
from ledgerline.quality.repository.landed import source_state
from tests.integration.landing.folder_source import numbers, rows
from tests.integration.landing.offered import Offered, delivery, lines

pytestmark = pytest.mark.integration
CURRENT = "select resource_id from raw_clinic.current_record order by 1"


def visits(prefix, count=3, **more):
    return [{"id": f"{prefix}{number}", **more} for number in range(count)]


def current(connection, prefix):
    found = [row[0] for row in rows(connection, CURRENT)]
    return [name for name in found if name.startswith(prefix)]


def test_a_new_source_gets_its_raw_zone_at_its_first_landing(warehouse_dsn, connection):
    source = Offered(
        zone="scheduling",
        name="scheduling_csv",
        offers=[delivery("a", lines(*visits("a")))],
    )
    assert numbers(land(warehouse_dsn, source)) == (3, 3, 0, 0)
    assert numbers(land(warehouse_dsn, source)) == (3, 0, 0, 3)
    connection.execute("set role ledgerline_build")
    count = "select count(*) from raw_scheduling.current_record"
    assert rows(connection, count) == [(3,)]
    assert rows(connection, count.replace("current_record", "record")) == [(3,)]
    connection.execute("reset role")


def test_a_new_zone_is_made_like_the_first_ones(warehouse_dsn, connection):
    land(warehouse_dsn, Offered(offers=[]))
    shape = """select table_name, column_name, data_type, is_nullable
    from information_schema.columns where table_schema = %s and table_name in (
        'file', 'file_chunk', 'record', 'version', 'sighting', 'vanishing',
        'current_record'
    ) order by 1, 2"""
    assert rows(connection, shape, "raw_clinic") == rows(connection, shape, "raw_ehr")


@pytest.mark.parametrize(
    ("zone", "name"), [("Clinic", "Clinic"), ("clinic", "other_csv"), ("a b", "a b")]
)
def test_a_source_is_named_by_its_zone(warehouse_dsn, zone, name):
    with pytest.raises(ConfigurationInvalid):
        land(warehouse_dsn, Offered(zone=zone, name=name, offers=[]))


def test_a_delivery_is_committed_when_the_next_is_asked_for(warehouse_dsn):
    seen = []

    def watch(_state):
        with psycopg.connect(warehouse_dsn) as other:
            seen.append(len(current(other, "w")))

    offers = [delivery(name, lines(*visits(f"w{name}"))) for name in "abc"]
    land(warehouse_dsn, Offered(offers=offers, watch=watch))
    assert seen == [3, 6, 9]


def test_what_a_source_saved_outlives_a_landing_that_fails(warehouse_dsn):
    def save_then_fail(state):
        state.save("watermark", {"at": "2025-06-01"})
        state.save("job", {"url": "x"})
        raise SourceUnavailable("the server went away")

    offers = [delivery("s", lines(*visits("s")))]
    with pytest.raises(SourceUnavailable):
        land(warehouse_dsn, Offered(offers=offers, watch=save_then_fail))
    loaded = []

    def load(state):
        state.drop("job")
        loaded.extend([state.load("watermark"), state.load("job")])

    land(warehouse_dsn, Offered(offers=offers, watch=load))
    assert loaded == [{"at": "2025-06-01"}, None]


def test_state_belongs_to_one_source(warehouse_dsn):
    loaded = []
    offers = [delivery("o", lines(*visits("o")))]

    def keep(state):
        state.save("mine", {"n": 1})

    def look(state):
        loaded.append(state.load("mine"))

    land(warehouse_dsn, Offered(offers=offers, watch=keep))
    land(warehouse_dsn, Offered(name="clinic_other", offers=offers, watch=look))
    assert loaded == [None]


def test_a_deleted_resource_is_gone_until_it_comes_again(warehouse_dsn, connection):
    def landed(name, *offered):
        offers = [delivery(name, lines(*offered))]
        return numbers(land(warehouse_dsn, Offered(offers=offers)))

    gone = {"id": "d1", "deleted": True}
    assert landed("d1", *visits("d")) == (3, 3, 0, 0)
    assert landed("d2", gone) == (1, 1, 0, 0)
    assert current(connection, "d") == ["d0", "d2"]
    assert landed("d3", gone, {"id": "d2"}) == (2, 0, 0, 2)
    assert landed("d4", {"id": "d1", "again": 1}) == (1, 1, 0, 0)
    assert current(connection, "d") == ["d0", "d1", "d2"]
    assert landed("d5", gone, {"id": "d0"}, {"id": "d0", "x": 1}) == (3, 2, 0, 1)
    assert current(connection, "d") == ["d0", "d2"]


def test_deletions_of_what_never_came_are_kept_once(warehouse_dsn):
    def landed(name):
        offers = [delivery(name, lines({"id": "never", "deleted": True, "in": name}))]
        return numbers(land(warehouse_dsn, Offered(offers=offers)))

    assert landed("n1") == (1, 1, 0, 0)
    assert landed("n2") == (1, 0, 0, 1)


def test_another_count_than_stated_refuses_the_file_and_closes_the_gate(
    warehouse_dsn, connection
):
    content = lines(*visits("c", 100))
    report = land(
        warehouse_dsn, Offered(offers=[delivery("c.ndjson", content, count=101)])
    )
    assert numbers(report) == (1, 0, 1, 0)
    assert report.by_class == {RefusalClass.COUNT_MISMATCH: 1}
    assert current(connection, "c") == []
    assert source_state(connection, "clinic").miscounted == (("file", 1),)
    again = land(
        warehouse_dsn, Offered(offers=[delivery("c.ndjson", content, count=101)])
    )
    assert (again.landed, again.duplicate) == (0, 1)
    right = land(
        warehouse_dsn, Offered(offers=[delivery("c.ndjson", content, count=100)])
    )
    assert numbers(right) == (100, 100, 0, 0)
    assert source_state(connection, "clinic").miscounted == ()


def test_what_a_whole_extract_no_longer_holds_has_vanished_for_its_source_only(
    warehouse_dsn, connection
):
    def offer(name, *found, is_whole):
        source = Offered(
            name=name, is_whole=is_whole, offers=[delivery(f"{name}v", lines(*found))]
        )
        return land(warehouse_dsn, source)

    offer("clinic_part", *visits("vp"), is_whole=False)
    offer("clinic_whole", *visits("vw"), is_whole=True)
    offer("clinic_whole", *visits("vw", 2), is_whole=True)
    assert current(connection, "v") == ["vp0", "vp1", "vp2", "vw0", "vw1"]


def test_an_extract_of_which_a_file_was_refused_makes_nothing_vanish(
    warehouse_dsn, connection
):
    def offer(*offers):
        return land(
            warehouse_dsn,
            Offered(name="clinic_torn", is_whole=True, offers=list(offers)),
        )

    offer(delivery("1", lines(*visits("t1"))), delivery("2", lines(*visits("t2"))))
    offer(delivery("1", lines(*visits("t1"))), delivery("2", b"?"))
    assert len(current(connection, "t")) == 6


def test_unfinished_bytes_are_landed_by_a_source_that_knows_their_format(
    warehouse_dsn, connection
):
    offers = [delivery("u", lines(*visits("u")))]
    land(warehouse_dsn, Offered(offers=offers, name="clinic_dead"))
    with connection.transaction():
        connection.execute("delete from raw_clinic.record where resource_id like 'u%%'")
        connection.execute(
            "update raw_clinic.file set status = 'received', received_count = 0, "
            "landed_count = 0 where name = 'u'"
        )
    assert land(warehouse_dsn, Offered(offers=[], format="others")).landed == 0
    assert land(warehouse_dsn, Offered(offers=[])).landed == 3
    assert current(connection, "u") == ["u0", "u1", "u2"]
