"""dbt's run results become check results, without what dbt says about rows."""

import pytest

from ledgerline.quality.check import Severity, Stage, Status
from ledgerline.quality.dbt_results import read_results

CANARY = "ZZPHI-Jane-Roe"


def read(*nodes):
    return read_results({"results": list(nodes)}, Stage.CANDIDATES)


def node(unique_id, status, **more):
    message = f"Failing row contains ({CANARY}, null)"
    return {"unique_id": unique_id, "status": status, "message": message, **more}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("pass", (Severity.BLOCK, Status.PASS)),
        ("warn", (Severity.WARN, Status.FAIL)),
        ("fail", (Severity.BLOCK, Status.FAIL)),
        ("error", (Severity.BLOCK, Status.ERROR)),
        ("skipped", (Severity.BLOCK, Status.ERROR)),
        ("runtime error", (Severity.BLOCK, Status.ERROR)),
        ("something new", (Severity.BLOCK, Status.ERROR)),
    ],
)
def test_a_test_keeps_its_status(status, expected):
    (result,) = read(node("test.l.unique_x", status, failures=3))
    assert (result.severity, result.status) == expected


def test_a_model_that_was_built_is_no_check():
    assert read(node("model.l.fct_charge", "success")) == []


@pytest.mark.parametrize("status", ["error", "skipped"])
def test_a_model_that_was_not_built_blocks(status):
    (result,) = read(node("model.l.fct_charge", status))
    assert (result.severity, result.status) == (Severity.BLOCK, Status.ERROR)


def test_no_word_of_a_message_is_kept():
    results = read(
        node("test.l.a", "fail", failures=2),
        node("test.l.b", f"error {CANARY}"),
        node("model.l.c", "error"),
    )
    assert CANARY not in repr(results)
    assert results[0].observed == "fail: 2 rows"
    assert results[0].failed_count == 2
