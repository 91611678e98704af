"""The models on a warehouse without a single record."""

import secrets

import pytest

from ledgerline.store.roles import set_passwords
from tests.warehouse.build import BUILD_UNTESTED, UNIT_TESTS, assert_dbt

pytestmark = pytest.mark.integration


def test_they_build_from_empty_sources_and_keep_their_unit_tests(
    warehouse_dsn, tmp_path
):
    password = secrets.token_urlsafe(12)
    set_passwords(warehouse_dsn, {"build": password})
    assert_dbt(warehouse_dsn, tmp_path, password, *BUILD_UNTESTED)
    assert_dbt(warehouse_dsn, tmp_path, password, *UNIT_TESTS)
