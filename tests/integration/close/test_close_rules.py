"""A seal holds, and a close takes two people, whoever writes."""

import psycopg
import pytest
from psycopg import errors

from ledgerline.operations.close.close import CloseRefused, seal
from ledgerline.operations.requests.decide import approve, reject
from ledgerline.operations.requests.request import RequestRefused
from ledgerline.operations.verify import verify
from ledgerline.posting import propose, release
from tests.integration.close.month import (
    MONTH,
    agreed,
    asked,
    charge,
    conform,
    sealed,
)
from tests.integration.posting.people import behind_the_rules
from tests.integration.posting.warehouse import journal, publish, rows

pytestmark = pytest.mark.integration


def test_nothing_goes_into_a_sealed_month_whoever_writes(dsn):
    sealed(dsn)
    copy = """
        insert into post.entry (
            entry_id, natural_key, document_kind, document_type, facility_code,
            posting_date, version, publication_id, data_hash, suite_hash, payload,
            payload_sha256, order_key
        )
        select gen_random_uuid(), 'k', document_kind, document_type, facility_code,
            posting_date, 9, publication_id, data_hash, suite_hash, payload,
            payload_sha256, order_key
        from post.entry limit 1
    """
    with (
        psycopg.connect(dsn, autocommit=True) as connection,
        pytest.raises(errors.CheckViolation, match="PERIOD_CLOSED"),
    ):
        connection.execute(copy)


@pytest.mark.parametrize("state", ["READY", "CLAIMED"])
def test_what_waits_is_not_let_into_a_sealed_month(dsn, state):
    conform(dsn)
    publish(dsn, journal("100.00"))
    propose(dsn)
    if state == "CLAIMED":
        release(dsn)
    agreed(dsn)
    behind_the_rules(dsn, "update ops.period_close set sealed_at = now()")
    with (
        psycopg.connect(dsn, autocommit=True) as connection,
        pytest.raises(errors.CheckViolation, match="PERIOD_CLOSED"),
    ):
        connection.execute(
            "update post.entry set state = %s, fence = fence + %s, worker = %s, "
            "lease_until = now() + interval '1 hour'",
            [state, int(state == "CLAIMED"), "w"],
        )


def test_a_seal_is_not_taken_back(dsn):
    sealed(dsn)
    for statement in (
        "update ops.period_close set sealed_at = null",
        "delete from ops.period_close",
    ):
        with (
            psycopg.connect(dsn, autocommit=True) as connection,
            pytest.raises(psycopg.Error),
        ):
            connection.execute(statement)
    with pytest.raises(CloseRefused, match="sealed"):
        seal(dsn, MONTH)


def test_of_100_wrongful_approvals_of_a_close_none_succeeds(dsn):
    conform(dsn, charge("40.00", billed=False))
    publish(dsn, journal("100.00"))
    refused = 0
    for turn in range(25):
        number = asked(dsn)
        for who in ("Ann", " aNN "):
            with pytest.raises(RequestRefused, match="another person"):
                approve(dsn, number, who)
            refused += 1
        with pytest.raises(RequestRefused, match="database role"):
            approve(dsn, number, "ledgerline_poster")
        refused += 1
        if turn % 2:
            publish(dsn, journal("100.00"))
            reason = "is not as it was"
        else:
            behind_the_rules(
                dsn,
                "update ops.request set requested_at = now() - interval '25 hours' "
                f"where request_id = {number}",
            )
            reason = "expired"
        with pytest.raises(RequestRefused, match=reason):
            approve(dsn, number, "Bo")
        refused += 1
        reject(dsn, number, "Ann")
    assert refused == 100
    assert rows(dsn, "select count(*) from ops.period_close") == [(0,)]
    assert rows(dsn, "select count(*) from post.accrual_line") == [(0,)]


@pytest.mark.parametrize(
    ("month", "reason"), [("2026-13", "one month"), ("2999-01", "not over")]
)
def test_what_cannot_be_closed_is_not_asked_for(dsn, month, reason):
    conform(dsn)
    publish(dsn, journal("100.00"))
    with pytest.raises(RequestRefused, match=reason):
        asked(dsn, month)


def test_a_month_is_closed_once(dsn):
    conform(dsn)
    publish(dsn, journal("100.00"))
    first, second = asked(dsn), asked(dsn)
    approve(dsn, first, "Bo")
    with pytest.raises(RequestRefused, match="not as it was"):
        approve(dsn, second, "Bo")
    with pytest.raises(RequestRefused, match="was approved"):
        asked(dsn)


def test_a_close_without_an_approved_request_is_refused(dsn):
    conform(dsn)
    publish(dsn, journal("100.00"))
    number = asked(dsn)
    with (
        psycopg.connect(dsn, autocommit=True) as connection,
        pytest.raises(errors.CheckViolation, match="REQUEST_NEEDED"),
    ):
        connection.execute(
            "insert into ops.period_close (period, request_id) values (%s, %s)",
            [MONTH, number],
        )
    with pytest.raises(CloseRefused, match="nobody approved"):
        seal(dsn, MONTH)


def test_what_is_verified_includes_the_close(dsn):
    sealed(dsn)
    assert not [each for promise in verify(dsn) for each in promise.breaks]
