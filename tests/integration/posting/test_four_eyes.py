"""Of wrongful approvals none succeeds, and of many approvers one."""

import threading

import psycopg
import pytest
from psycopg import errors

from ledgerline.operations.requests import repository
from ledgerline.operations.requests.decide import approve, ask, require
from ledgerline.operations.requests.request import RequestRefused
from ledgerline.operations.verify import verify
from ledgerline.posting import drain, propose, release
from ledgerline.posting.repository import planning
from ledgerline.store.roles import ROLES, set_passwords
from tests.integration.posting.people import (
    agree,
    behind_the_rules,
    dead_entries,
    wanted,
)
from tests.integration.posting.stub_erp import POLICY, Erp, StubPort, running
from tests.integration.posting.test_posting import post
from tests.integration.posting.warehouse import journal, publish, rows, states

pytestmark = pytest.mark.integration
WRONGFUL, ROUNDS = 40, 200


def refused(dsn, number, by, words):
    with pytest.raises(RequestRefused, match=words):
        approve(dsn, number, by)
    return 1


def with_change(dsn, number, change, back, words):
    """Approve while something is as it should not be, and put it right again."""
    behind_the_rules(dsn, change)
    count = refused(dsn, number, "Bo", words)
    behind_the_rules(dsn, back)
    return count


def test_of_200_wrongful_approvals_none_succeeds(dsn):
    roles = [*ROLES.values(), *(f" {role.upper()}" for role in ROLES.values())]
    count = 0
    for position, entry in enumerate(dead_entries(dsn, WRONGFUL)):
        number = ask(dsn, wanted("replay", entry))
        itself = ("Ann", "ann", " ANN ", "aNN ")[position % 4]
        count += refused(dsn, number, itself, "Ann asked for request")
        role = roles[position % len(roles)]
        count += refused(dsn, number, role, "is a database role")
        age = "update ops.request set requested_at = requested_at {} interval '{}'"
        day = f"{24 * 60 + position} minutes"
        older, newer = age.format("-", day), age.format("+", day)
        count += with_change(dsn, number, older, newer, "expired on")
        moved = "update post.entry set {0} = {0} %s where entry_id = '%s'"
        column = ("fence", "attempts", "total_amount_cents")[position % 3]
        count += with_change(
            dsn,
            number,
            moved.format(column) % ("+ 1", entry),
            moved.format(column) % ("- 1", entry),
            "is not as it was",
        )
        approve(dsn, number, "Bo")
        count += refused(dsn, number, "Cy", "was approved by Bo; ask again")
    assert count == 200
    assert states(dsn) == {"READY": WRONGFUL}
    used = "select count(*), count(distinct subject) from ops.request_use"
    assert rows(dsn, used) == [(WRONGFUL, WRONGFUL)]
    assert not [each for promise in verify(dsn) for each in promise.breaks]


def test_of_4_approvers_at_once_one_wins_200_times(dsn):
    entries = dead_entries(dsn, ROUNDS)
    with planning.connection(dsn) as connection:
        numbers = [
            repository.insert(connection, wanted("replay", entry), [entry])
            for entry in entries
        ]
        requests = [require(connection, number) for number in numbers]
    start, winners = threading.Barrier(4), []

    def work(name):
        with planning.connection(dsn) as connection:
            for request in requests:
                start.wait(30)
                try:
                    with repository.refusing(), connection.transaction():
                        repository.decide(
                            connection, request.request_id, "approved", name
                        )
                        repository.carry_out(connection, request)
                    winners.append((request.request_id, name))
                except RequestRefused:
                    pass

    threads = [threading.Thread(target=work, args=(f"B{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for number, _ in winners) == numbers
    decided = rows(dsn, "select request_id, decided_by from ops.request order by 1")
    assert decided == sorted(winners)
    assert states(dsn) == {"READY": ROUNDS}


def test_two_requests_for_one_entry_replay_it_once(dsn):
    (entry,) = dead_entries(dsn, 1)
    first, second = (ask(dsn, wanted("replay", entry)) for _ in range(2))
    approve(dsn, first, "Bo")
    refused(dsn, second, "Cy", "is not as it was")


def test_who_made_an_entry_does_not_approve_what_is_done_to_it(dsn):
    publish(dsn, journal("100.00"))
    with running(Erp()) as port:
        post(dsn, port)
    agree(dsn, "compensate", "patient_revenue|MVH|2026-01-11|-|v1")
    behind_the_rules(
        dsn, "update post.entry set state = 'DEAD' where reverses is not null"
    )
    number = ask(dsn, wanted("replay", "DEAD", by="Cy"))
    refused(dsn, number, " ANN", "Ann made an entry of request")
    approve(dsn, number, "Bo")


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("update post.entry set state = 'READY'", "REQUEST_NEEDED"),
        (
            "insert into ops.request_use select request_id, subject "
            "from ops.request_subject",
            "REQUEST_NEEDED",
        ),
        ("update ops.request set decided_by = 'Bo', state = 'approved'", "carried out"),
        ("update ops.request set requested_by = 'Eve'", "stays as it was asked for"),
        ("update ops.request set reason = 'other'", "stays as it was asked for"),
        (
            "insert into ops.request_subject select request_id, 'x' from ops.request",
            "covers no more than it did",
        ),
        (
            "insert into ops.request (action, reason, requested_by, state, decided_by, "
            "decided_at) values ('replay', 'x', 'Ann', 'approved', 'Bo', now())",
            "starts without a scope",
        ),
    ],
)
def test_the_database_keeps_the_rules_whoever_writes(dsn, statement, rule):
    (entry,) = dead_entries(dsn, 1)
    ask(dsn, wanted("replay", entry))
    with (
        psycopg.connect(dsn, autocommit=True) as connection,
        pytest.raises(errors.CheckViolation, match=rule),
    ):
        connection.execute(statement)
    assert states(dsn) == {"DEAD": 1}


def test_no_role_of_a_service_can_ask_approve_or_spend(dsn):
    (entry,) = dead_entries(dsn, 1)
    number = ask(dsn, wanted("replay", entry))
    set_passwords(dsn, dict.fromkeys(ROLES, "roles-test"))
    for role in ROLES.values():
        service = psycopg.conninfo.make_conninfo(dsn, user=role, password="roles-test")
        with pytest.raises(errors.InsufficientPrivilege):
            approve(service, number, "Bo")
        for statement in (
            f"select ops.use_request('{entry}', array['replay'])",
            "insert into ops.request (action, reason, requested_by) "
            "values ('replay', 'x', 'Ann')",
            "insert into ops.request_use values (1, 'x')",
        ):
            with (
                pytest.raises(errors.InsufficientPrivilege),
                psycopg.connect(service) as connection,
            ):
                connection.execute(statement)


def test_what_is_asked_for_is_never_forgotten(dsn):
    (entry,) = dead_entries(dsn, 1)
    agree(dsn, "replay", entry)
    for table in ("request", "request_subject", "request_use"):
        with (
            pytest.raises(psycopg.DatabaseError, match="append-only"),
            psycopg.connect(dsn) as connection,
        ):
            connection.execute(f"delete from ops.{table}")
    steps = rows(
        dsn,
        "select action, detail ->> 'by' from audit.event "
        "where subject = 'ops.request' order by event_id",
    )
    assert steps == [("proposed", "Ann"), ("approved", "Bo"), ("used", None)]


def test_a_reversal_by_hand_is_refused(dsn):
    publish(dsn, journal("100.00"))
    with running(Erp()) as port:
        propose(dsn)
        release(dsn)
        drain(dsn, StubPort(port), POLICY)
    copy = """
        insert into post.entry (
            entry_id, natural_key, document_kind, document_type, facility_code,
            posting_date, version, publication_id, data_hash, suite_hash, payload,
            payload_sha256, order_key, reverses
        )
        select gen_random_uuid(), 'k', document_kind, document_type, facility_code,
            posting_date, 9, publication_id, data_hash, suite_hash, payload,
            payload_sha256, order_key, entry_id
        from post.entry
    """
    with (
        pytest.raises(errors.CheckViolation, match="REQUEST_NEEDED"),
        psycopg.connect(dsn) as connection,
    ):
        connection.execute(copy)
    ask(dsn, wanted("compensate", "J0"))
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "update ops.request set state = 'approved', decided_by = 'Bo'"
        )
        with pytest.raises(errors.CheckViolation, match="not the equal and opposite"):
            connection.execute(copy)
        connection.rollback()
