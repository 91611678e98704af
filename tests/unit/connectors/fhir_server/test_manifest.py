"""A manifest's pages become files with stable names."""

import pytest

from ledgerline.canonical.errors import SourceUnavailable
from ledgerline.connectors.fhir_server.bulk.manifest import assemble, next_page

MOMENT = "2026-03-01T12:00:00.5+02:00"


def page(**lists):
    return {"transactionTime": MOMENT, "requiresAccessToken": False, **lists}


def listed(*names, **more):
    return [{"type": name, "url": f"http://h/{name}", **more} for name in names]


def test_files_are_named_by_kind_type_and_order_deletions_first():
    pages = [
        page(output=listed("Patient"), deleted=listed("Bundle")),
        page(output=listed("Claim", "Patient"), error=listed("OperationOutcome")),
    ]
    names = [file.name for file in assemble(pages, "it").files]
    assert names == [
        "export/deleted/Bundle.001.ndjson",
        "export/Patient.001.ndjson",
        "export/Claim.001.ndjson",
        "export/Patient.002.ndjson",
        "export/error/OperationOutcome.001.ndjson",
    ]


@pytest.mark.parametrize(
    ("count", "stated"), [(7, 7), (0, 0), (-1, None), ("7", None), (None, None)]
)
def test_a_count_is_taken_when_it_is_one(count, stated):
    [file] = assemble([page(output=listed("Patient", count=count))], "it").files
    assert file.count == stated


def test_a_type_that_is_no_type_does_not_reach_the_name():
    [file] = assemble([page(output=listed("../../etc/passwd"))], "it").files
    assert file.name == "export/unknown.001.ndjson"


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"transactionTime": "yesterday"},
        {"transactionTime": "2026-03-01T12:00:00"},
        page(output={"url": "x"}),
        page(output=[{"type": "Patient"}]),
        page(output=["x"]),
    ],
)
def test_a_manifest_of_another_shape_is_said(broken):
    with pytest.raises(SourceUnavailable, match="the manifest of the export from it"):
        assemble([broken], "it")


def test_the_token_is_sent_unless_every_page_says_no():
    assert not assemble([page()], "it").is_signed
    assert assemble([{**page(), "requiresAccessToken": True}], "it").is_signed
    assert assemble([{"transactionTime": MOMENT}], "it").is_signed


def test_the_next_page_is_the_link_of_that_name():
    link = [{"relation": "self", "url": "a"}, 7, {"relation": "next", "url": "b"}]
    assert next_page({"link": link}) == "b"
    assert next_page({"link": "b"}) == next_page({}) == ""
