"""A connection's id and type say which source it is."""

import pytest

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.orchestration import sources


def endpoint(conn_id, conn_type, **options):
    return Endpoint(conn_id=conn_id, conn_type=conn_type, **options)


@pytest.mark.parametrize(
    ("conn_id", "conn_type", "zone", "name"),
    [
        ("ehr_fhir", "fs", "ehr", "ehr_fhir"),
        ("billing_x12", "fs", "billing", "billing_x12"),
        ("erp", "http", "erp", "erp"),
        ("erp", "generic", "erp", "erp"),
    ],
)
def test_a_known_connection_is_its_source(conn_id, conn_type, zone, name):
    found = sources.source_of(
        endpoint(conn_id, conn_type, extra={"path": "/nowhere"}, host="")
    )
    assert (found.zone, found.name) == (zone, name)


@pytest.mark.parametrize(
    ("conn_type", "extra"), [("fs", {}), ("file", {}), ("http", {"adapter": "file"})]
)
def test_an_erp_that_takes_files_offers_nothing(conn_type, extra):
    drop = endpoint("erp", conn_type, extra={"path": "/nowhere", **extra})
    assert sources.source_of(drop) is None


def test_a_type_that_the_connection_cannot_have_is_said_so():
    with pytest.raises(ConfigurationInvalid, match=r"'ftp'; it can be: fs, http"):
        sources.source_of(endpoint("ehr_fhir", "ftp", host="x"))


def test_a_connection_that_nobody_knows_is_said_so():
    with pytest.raises(ConfigurationInvalid, match=r"ledgerline\.sources"):
        sources.source_of(endpoint("scheduling_csv", "http", host="x"))


def test_a_package_offers_sources_by_entry_point(monkeypatch):
    class Point:
        name = "scheduling_csv"

        def load(self):
            return lambda given: ("source of", given.conn_id)

    monkeypatch.setattr(sources, "entry_points", lambda group: [Point()])
    found = sources.source_of(endpoint("scheduling_csv", "http", host="x"))
    assert found == ("source of", "scheduling_csv")
