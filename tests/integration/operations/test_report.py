"""The report of a run says what there is, also when there is nothing."""

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from ledgerline.operations.report import print_report

pytestmark = pytest.mark.integration


def test_a_warehouse_that_never_published_is_reported_without_an_error(warehouse_dsn):
    out = Console(file=io.StringIO(), width=110)
    assert print_report(warehouse_dsn, datetime(2026, 1, 1, tzinfo=UTC), out)
    printed = out.file.getvalue()
    assert "Gate: no decision yet" in printed
    assert "Service lines: nothing is published yet" in printed
