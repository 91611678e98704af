"""A stub ERP a test."""

import pytest

from tests.integration.erp.stub_tryton import Server


@pytest.fixture
def tryton():
    with Server() as erp:
        yield erp
