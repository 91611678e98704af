"""The models' own unit tests, which ask the built relations for their columns."""

import secrets

import pytest

from ledgerline.store.roles import set_passwords
from tests.warehouse.build import assert_dbt

pytestmark = pytest.mark.integration


def test_models_keep_their_unit_tests(built_warehouse, tmp_path):
    password = secrets.token_urlsafe(12)
    set_passwords(built_warehouse.dsn, {"build": password})
    assert_dbt(
        built_warehouse.dsn, tmp_path, password, "test", "--select", "test_type:unit"
    )
