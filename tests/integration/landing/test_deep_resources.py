"""A resource nested deeper than the check can follow is refused by itself."""

import pytest

from ledgerline.connectors import ehr_folder
from ledgerline.connectors.formats.record import RefusalClass
from ledgerline.landing.land import land
from tests.integration.landing.folder_source import encounters, endpoint, numbers

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("depth", [200, 300, 900])
def test_a_deep_resource_is_refused_and_the_rest_lands(warehouse_dsn, tmp_path, depth):
    deep = b"[" * depth + b"]" * depth
    bad = (
        b'{"resourceType":"Encounter","id":"deep","status":"finished",'
        b'"class":{"code":"IMP"},"extension":[{"url":"x","valueDecimal":' + deep
    )
    content = encounters(f"deep{depth}-", 2) + bad + b"}]}\n"
    (tmp_path / "deep.ndjson").write_bytes(content)
    report = land(warehouse_dsn, ehr_folder.source(endpoint(tmp_path)))
    assert numbers(report) == (3, 2, 1, 0)
    if depth > 255:
        assert report.by_class == {RefusalClass.RESOURCE_LIMIT: 1}
