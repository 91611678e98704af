"""What needs a second person: replay, waive, override, compensate."""

import time
from dataclasses import replace

import psycopg
import pytest
from psycopg import errors

from ledgerline.operations.requests.decide import approve, ask, reject
from ledgerline.operations.requests.request import RequestRefused
from ledgerline.operations.verify import verify
from ledgerline.posting import drain, propose, release
from tests.integration.posting.people import agree, wanted
from tests.integration.posting.stub_erp import POLICY, Erp, StubPort, running
from tests.integration.posting.test_posting import post, totals
from tests.integration.posting.warehouse import journal, publish, rows, states, stock

pytestmark = pytest.mark.integration
KEY = "patient_revenue|MVH|2026-01-11|-|v1"


def breaks(dsn):
    return [each for promise in verify(dsn) for each in promise.breaks]


def die(dsn, erp, faults):
    """Let every call fail until all attempts are used up, then heal the ERP."""
    erp.fault_rate, erp.faults = 1.0, faults
    propose(dsn)
    release(dsn)
    with running(erp) as port:
        drain(dsn, StubPort(port), replace(POLICY, attempt_limit=3))
    erp.fault_rate = 0.0
    assert states(dsn).keys() == {"DEAD"}


def test_a_dead_entry_that_was_sent_is_read_back_and_sent_again(dsn):
    publish(dsn, journal("100.00"))
    erp = Erp()
    die(dsn, erp, ("503",))
    ((attempts,),) = rows(dsn, "select attempts from post.entry")
    agree(dsn, "replay", "DEAD")
    assert states(dsn) == {"UNKNOWN": 1}
    with running(erp) as port:
        assert drain(dsn, StubPort(port), POLICY).posted == 1
    assert totals(erp) == {"11200": 10000, "40100": -10000}
    assert rows(dsn, "select attempts from post.entry") == [(attempts + 1,)]
    assert breaks(dsn) == []


def test_a_replayed_entry_is_quiet_until_its_last_call_cannot_arrive_any_more(dsn):
    publish(dsn, journal("100.00"))
    die(dsn, Erp(), ("503",))
    agree(dsn, "replay", KEY)
    last = rows(
        dsn,
        "select started_at + quiet_time from post.attempt order by attempt_number desc",
    )
    assert len(set(last)) > 1
    assert rows(dsn, "select quiet_until from post.entry") == [last[0]]


def test_a_replayed_entry_is_quiet_for_its_own_calls_only(dsn):
    publish(dsn, [*journal("1.00"), *journal("2.00", "LGH")])
    die(dsn, Erp(), ("503",))
    told = """
        select entry.natural_key, max(attempt.started_at + attempt.quiet_time)
        from post.attempt as attempt inner join post.entry as entry using (entry_id)
        group by entry.natural_key order by 2
    """
    (first, until), (_, later) = rows(dsn, told)
    assert until < later
    agree(dsn, "replay", first)
    quiet = "select natural_key, quiet_until from post.entry where state = 'UNKNOWN'"
    assert rows(dsn, quiet) == [(first, until)]


def test_a_dead_entry_gets_as_many_attempts_as_the_first_time(dsn):
    publish(dsn, journal("100.00"))
    erp = Erp()
    die(dsn, erp, ("503",))
    ((attempts,),) = rows(dsn, "select attempts from post.entry")
    agree(dsn, "replay", KEY)
    die(dsn, erp, ("503",))
    assert rows(dsn, "select attempts from post.entry") == [(2 * attempts,)]


def test_the_age_of_a_replayed_entry_counts_from_its_replay(dsn):
    publish(dsn, journal("100.00"))
    erp = Erp()
    die(dsn, erp, ("503",))
    time.sleep(1)
    agree(dsn, "replay", KEY)
    with running(erp) as port:
        policy = replace(POLICY, age_limit_seconds=1.0)
        assert drain(dsn, StubPort(port), policy).posted == 1


def test_a_dead_entry_that_arrived_all_the_same_is_found(dsn):
    publish(dsn, journal("100.00"))
    erp = Erp()
    die(dsn, erp, ("503",))
    ((payload,),) = rows(dsn, "select payload from post.entry")
    erp.commit(payload)
    agree(dsn, "replay", KEY)
    with running(erp) as port:
        assert drain(dsn, StubPort(port), POLICY).posted == 1
    assert totals(erp) == {"11200": 10000, "40100": -10000}


def conflict(dsn, erp):
    """Let the ERP hold another amount under our reference."""
    publish(dsn, journal("100.00"))
    propose(dsn)
    ((payload,),) = rows(dsn, "select payload from post.entry")
    other = [
        {**each, "amount_cents": each["amount_cents"] // 2} for each in payload["lines"]
    ]
    erp.commit({**payload, "lines": other})
    with running(erp) as port:
        post(dsn, port)
    assert states(dsn) == {"CONFLICT": 1}
    return payload


def test_a_conflict_is_read_back_again_once_the_erp_is_corrected(dsn):
    erp = Erp()
    payload = conflict(dsn, erp)
    agree(dsn, "replay", "CONFLICT")
    with running(erp) as port:
        drain(dsn, StubPort(port), POLICY)
        assert states(dsn) == {"CONFLICT": 1}
        erp.documents[0]["payload"] = payload
        agree(dsn, "replay", "CONFLICT")
        assert drain(dsn, StubPort(port), POLICY).posted == 1
    assert rows(dsn, "select erp_document, amount_cents from post.ledger") == [
        ("J0", 10000)
    ]


def test_an_erp_document_is_taken_for_the_one_in_conflict(dsn):
    conflict(dsn, Erp())
    agree(dsn, "override", KEY, document="J0")
    assert states(dsn) == {"POSTED": 1}
    assert rows(dsn, "select erp_document from post.ledger") == [("J0",)]
    assert breaks(dsn) == []


def test_an_override_takes_the_document_that_was_approved_and_no_other(dsn):
    conflict(dsn, Erp())
    ask(dsn, wanted("override", KEY, document="J0"))
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "update ops.request "
            "set state = 'approved', decided_by = 'Bo', decided_at = now()"
        )
        with pytest.raises(errors.CheckViolation, match="REQUEST_CHANGED: request"):
            connection.execute(
                "update post.entry "
                "set state = 'POSTED', erp_document = 'J9', posted_at = now()"
            )
        connection.rollback()
    assert states(dsn) == {"CONFLICT": 1}


def test_a_waived_rejection_lets_the_later_documents_go(dsn):
    publish(dsn, [*journal("1.00"), *journal("2.00", day="2026-01-18")])
    erp = Erp()
    erp.refused = {"MVH|2026-01-11"}
    with running(erp) as port:
        assert post(dsn, port).posted == 0
        agree(dsn, "waive", KEY)
        assert drain(dsn, StubPort(port), POLICY).posted == 1
        erp.refused = set()
        assert post(dsn, port).posted == 1
    assert totals(erp)["11200"] == 300
    chain = "select natural_key from post.entry where supersedes is not null"
    assert rows(dsn, chain) == [(KEY.replace("v1", "v2"),)]


def test_a_waived_rejection_stays_waived_and_the_chain_says_for_what(dsn):
    publish(dsn, journal("1.00"))
    erp = Erp()
    erp.refused = {"MVH|2026-01-11"}
    with running(erp) as port:
        post(dsn, port)
    agree(dsn, "waive", KEY)
    with (
        psycopg.connect(dsn) as connection,
        pytest.raises(errors.CheckViolation, match="ENTRY_FIXED"),
    ):
        connection.execute("update post.entry set waived_publication_id = null")
    assert rows(dsn, "select quiet_until from post.entry") == [(None,)]
    told = "select detail -> 'publication_id' from audit.event where action = 'waived'"
    assert rows(dsn, told) == rows(dsn, "select publication_id from ops.publication")


def test_a_compensated_document_is_taken_back_and_what_is_wanted_is_made_anew(dsn):
    publish(dsn, journal("100.00"), stock("3", lot="L1"))
    erp = Erp()
    with running(erp) as port:
        post(dsn, port)
        posted = rows(dsn, "select natural_key from post.entry")
        agree(dsn, "compensate", *(key for (key,) in posted))
        release(dsn)
        assert drain(dsn, StubPort(port), POLICY).posted == 2
        assert totals(erp) == {"11200": 0, "40100": 0}
        assert rows(dsn, "select sum(quantity) from post.stock_line") == [(0,)]
        assert post(dsn, port).posted == 2
    assert totals(erp) == {"11200": 10000, "40100": -10000}
    made = "select distinct created_by from post.entry where reverses is not null"
    assert rows(dsn, made) == [("Ann",)]
    facts = "select count(*) from post.entry_fact group by entry_id"
    assert rows(dsn, facts) == [(2,)] * 3
    assert breaks(dsn) == []


def test_what_the_newest_publication_no_longer_wants_stays_taken_back(dsn):
    publish(dsn, journal("100.00"))
    erp = Erp()
    with running(erp) as port:
        post(dsn, port)
        agree(dsn, "compensate", KEY)
        publish(dsn)
        report = propose(dsn)
        assert (report.proposed, report.cancelled) == (0, 0)
        assert post(dsn, port).posted == 1
    assert totals(erp) == {"11200": 0, "40100": 0}


def test_a_document_is_taken_back_once_and_a_reversal_never(dsn):
    publish(dsn, journal("100.00"))
    with running(Erp()) as port:
        post(dsn, port)
        first, second = (ask(dsn, wanted("compensate", KEY)) for _ in range(2))
        approve(dsn, first, "Bo")
        with pytest.raises(RequestRefused, match="the entry is reversed"):
            approve(dsn, second, "Bo")
        with pytest.raises(
            RequestRefused, match="is POSTED, which takes no compensate"
        ):
            ask(dsn, wanted("compensate", KEY))
        post(dsn, port)
    with pytest.raises(RequestRefused, match="v2 is POSTED, which takes no compensate"):
        ask(dsn, wanted("compensate", KEY.replace("v1", "v2")))


@pytest.mark.parametrize("action", ["replay", "waive", "compensate"])
def test_a_request_that_does_not_fit_is_refused_before_anyone_is_asked(dsn, action):
    publish(dsn, journal("100.00"))
    propose(dsn)
    with pytest.raises(RequestRefused, match=f"is HELD, which takes no {action}"):
        ask(dsn, wanted(action, KEY))
    with pytest.raises(RequestRefused, match="no entries are named nothing"):
        ask(dsn, wanted(action, "nothing"))
    assert rows(dsn, "select count(*) from ops.request") == [(0,)]


def test_who_asked_may_take_it_back(dsn):
    publish(dsn, journal("100.00"))
    die(dsn, Erp(), ("503",))
    number = ask(dsn, wanted("replay", KEY))
    reject(dsn, number, "Ann")
    with pytest.raises(RequestRefused, match="was rejected by Ann; ask again"):
        approve(dsn, number, "Bo")
    with pytest.raises(RequestRefused, match="there is no request 77"):
        approve(dsn, 77, "Bo")
