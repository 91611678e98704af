"""One parsed manifest for all tests of the dbt project."""

import pytest

from tests.dbt_manifest import parsed_manifest


@pytest.fixture(scope="session")
def manifest():
    return parsed_manifest()
