"""Alerts over a real database, a mail server and a webhook on loopback."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.operations.alerts.channel import mail, webhook
from ledgerline.operations.alerts.send import send_alerts
from tests.integration.operations.alert_targets import (
    hook,
    hook_server,
    mail_server,
    smtp,
)

pytestmark = pytest.mark.integration

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
STALL = """
with event as (
    insert into ops.event
        (event_key, kind, subject, subject_id, happened_at, zone, record_id)
    select
        'stall|' || %(step)s || n, 'encounter_completed', 'encounter',
        %(step)s || n, now() - interval '9 days', 'ehr', n
    from generate_series(1, %(count)s) as n
    returning event_id
),
instance as (
    insert into ops.workflow_instance (instance_id)
    select md5(%(step)s || event_id)::uuid from event
    returning instance_id
)
insert into ops.expected_step
    (instance_id, step, event_id, expected_at, due_at, owner)
select
    md5(%(step)s || event_id)::uuid, %(step)s, event_id, now() - interval '9 days',
    now() - interval '1 second', 'supply_chain'
from event
"""
HAPPENED = "update ops.expected_step set happened_at = now() where happened_at is null"


@pytest.fixture
def warehouse(dsn):
    return dsn


@pytest.fixture
def execute(warehouse):
    with psycopg.connect(warehouse, autocommit=True) as connection:
        yield connection.execute


@pytest.fixture
def mails():
    with mail_server() as server:
        yield server


@pytest.fixture
def hooks():
    with hook_server() as server:
        yield server


@pytest.fixture
def tell(warehouse, mails, hooks):
    """One round at a time after NOW."""

    def round_at(**after):
        channels = [
            mail(smtp(mails.server_address[1])),
            webhook(hook(hooks.server_address[1])),
        ]
        return send_alerts(warehouse, channels, NOW + timedelta(**after))

    return round_at


def stall(execute, step="stock_issue", count=1):
    execute(STALL, {"step": step, "count": count})


def phases(hooks):
    return [(body["cause"], body["phase"]) for _, _, body in hooks.taken]


def test_an_alert_is_told_once_when_it_starts_and_once_when_it_ends(
    execute, tell, mails, hooks
):
    stall(execute, count=200)
    for minute in range(5):
        tell(minutes=minute)
    assert len(mails.taken) == len(hooks.taken) == 1
    [(path, token, body)] = hooks.taken
    assert path == "/ledgerline"
    assert token == "Bearer a token"
    assert body["phase"] == "started"
    assert body["count"] == 200
    assert body["owner"] == "supply_chain"
    [message] = mails.taken
    assert message["To"] == "on-call@hospital.invalid"
    assert "alert: Is the supply used in the ERP?" in message["Subject"]
    assert "supply_chain" in message.get_content()
    execute(HAPPENED)
    for minute in range(5, 30):
        tell(minutes=minute)
    cause = "stuck:stock_issue:supply_chain"
    assert phases(hooks) == [(cause, "started"), (cause, "ended")]
    assert "over: " in mails.taken[1]["Subject"]
    assert len({each["Message-ID"] for each in mails.taken}) == 2


def test_a_cause_that_flaps_is_one_alert(execute, tell, hooks):
    stall(execute)
    for minute in range(0, 60, 2):
        tell(minutes=minute)
        execute(
            "update ops.expected_step set happened_at = "
            "case when happened_at is null then now() end"
        )
    assert len(hooks.taken) == 1


def test_a_target_that_is_down_stops_nothing_and_is_told_later(
    execute, tell, mails, hooks
):
    stall(execute)
    mails.refusal = "451 try later"
    report = tell()
    assert report.failed == {"alert_smtp": "SMTP 451"}
    assert len(hooks.taken) == 1
    hooks.refusal = 503
    stall(execute, "billing_review")
    report = tell(seconds=30)
    assert report.failed["alert_webhook"] == "HTTP 503"
    mails.refusal = hooks.refusal = None
    tell(seconds=50)
    assert len(hooks.taken) == 1
    for minute in range(2, 8):
        tell(minutes=minute)
    assert len(mails.taken) == len(hooks.taken) == 2


def test_nobody_listening_is_no_error(execute, warehouse, hooks):
    stall(execute)
    with mail_server() as gone:
        port = gone.server_address[1]
    channels = [mail(smtp(port)), webhook(hook(hooks.server_address[1]))]
    report = send_alerts(warehouse, channels, NOW)
    assert report.failed == {"alert_smtp": "ConnectionRefusedError"}
    assert len(hooks.taken) == 1


def test_a_channel_takes_so_many_messages_an_hour_and_the_rest_later(
    execute, tell, hooks
):
    execute("update ops.alert_policy set hourly_limit = 2")
    for step in ("stock_issue", "billing_review", "cash_posting"):
        stall(execute, step)
    for minute in range(0, 60, 5):
        tell(minutes=minute)
    assert len(hooks.taken) == 2
    tell(minutes=61)
    assert len(hooks.taken) == 3


def test_an_owner_has_an_address_of_its_own(execute, warehouse, mails):
    stall(execute)
    own = {"supply_chain": "supplies@hospital.invalid"}
    port = mails.server_address[1]
    send_alerts(warehouse, [mail(smtp(port, to_by_owner=own))], NOW)
    assert [each["To"] for each in mails.taken] == ["supplies@hospital.invalid"]


def test_a_server_that_must_speak_tls_is_told_nothing_without(
    execute, warehouse, mails
):
    stall(execute)
    port = mails.server_address[1]
    report = send_alerts(warehouse, [mail(smtp(port, disable_tls=False))], NOW)
    assert report.sent == {}
    assert mails.taken == []


def test_a_mail_connection_without_addresses_says_what_it_needs():
    bare = Endpoint(conn_id="alert_smtp", conn_type="smtp", host="mail.invalid")
    with pytest.raises(ConfigurationInvalid, match="from_email and to"):
        mail(bare)


def test_a_closed_gate_and_an_erp_that_does_not_answer_are_told(execute, tell, hooks):
    execute(
        "insert into ops.gate_decision (run_id, gate, verdict, data_hash, suite_hash,"
        " evaluated_count, required_count, code_version)"
        " values ('r', 'g', 'BLOCK', '', '', 0, 1, 'v')"
    )
    execute("set session_replication_role = replica")
    execute(
        "insert into post.erp_breaker (adapter, position, failures)"
        " values ('tryton', 'open', 5)"
    )
    tell()
    assert {cause for cause, _ in phases(hooks)} == {"gate", "erp:tryton"}
