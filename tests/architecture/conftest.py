"""One parsed manifest for all tests of the dbt project."""

import pytest

from tests.dbt_manifest import parsed_manifest


@pytest.fixture(scope="session")
def manifest(tmp_path_factory):
    return parsed_manifest(tmp_path_factory.mktemp("dbt"))
