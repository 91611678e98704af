"""A change of mappings shows what it moves, needs two people, and is never undone."""

import threading

import psycopg
import pytest

from ledgerline.crosswalk.changeset.changeset import ChangesetRefused, ChangesetStale
from ledgerline.crosswalk.changeset.decide import approve, reject, show
from ledgerline.crosswalk.csv_file import ReferenceInvalid
from ledgerline.operations.verify import verify
from tests.integration.crosswalk.steward import payer

pytestmark = pytest.mark.integration
PROMISE = "Every mapping in force was approved by a second person, unchanged"


def test_the_impact_is_the_dollars_from_the_first_day_on(steward):
    steward.use("X1", "100.10", "2026-02-01")
    steward.use("X1", "7.00", "2025-12-31")
    steward.use("X1", "55.00", "2026-02-01", facility="MVH")
    steward.use("X2", "9.00")
    number = steward.propose(payer("X1", "BCBS"))
    assert steward.moves(number) == [("unmapped", "BCBS", "charge", "100.10")]


def test_a_mapping_of_the_facility_keeps_its_dollars_from_one_for_all(steward):
    steward.use("60054", "20.00", facility="MVH", meaning="EMPLOYER")
    steward.use("60054", "30.00", facility="NRC")
    number = steward.propose(payer("60054", "BCBS", facility="*"))
    assert steward.moves(number) == [("unmapped", "BCBS", "charge", "30.00")]


def test_an_approved_change_holds_from_its_day_and_for_its_time(steward):
    steward.approve(payer("60054", "BCBS", "2026-03-01", "2026-04-01", "MVH"))
    days = ("2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01")
    assert [steward.meaning("60054", day, "MVH") for day in days] == [
        *("EMPLOYER", "BCBS", "BCBS", "EMPLOYER")
    ]


def test_a_mapping_ends_by_a_change_from_the_same_day(steward):
    steward.approve(payer("X1", "BCBS"))
    steward.use("X1", "40.00", "2026-02-01", meaning="BCBS")
    steward.use("X1", "2.00", "2026-04-01", meaning="BCBS")
    number = steward.propose(payer("X1", "BCBS", end="2026-03-01"))
    assert steward.moves(number) == [("BCBS", "unmapped", "charge", "2.00")]
    approve(steward.dsn, number, "Bo")
    assert steward.meaning("X1", "2026-02-01") == "BCBS"
    assert steward.meaning("X1", "2026-04-01") == "unmapped"
    assert steward.moves(number) == [("BCBS", "unmapped", "charge", "2.00")]


def test_a_proposal_and_a_rejected_one_change_nothing(steward):
    number = steward.propose(payer("X1", "BCBS"))
    assert steward.meaning("X1", "2026-03-01") == "unmapped"
    reject(steward.dsn, number, "Ann")
    assert steward.meaning("X1", "2026-03-01") == "unmapped"
    with pytest.raises(ChangesetRefused, match="was rejected by Ann; propose another"):
        approve(steward.dsn, number, "Bo")


def test_the_later_approval_of_one_day_holds(steward):
    steward.approve(payer("X1", "BCBS"))
    steward.approve(payer("X1", "MEDICARE"))
    assert steward.meaning("X1", "2026-03-01") == "MEDICARE"


@pytest.mark.parametrize("by", ["Ann", " ann ", "ANN"])
def test_the_proposer_does_not_approve(steward, by):
    number = steward.propose(payer("X1", "BCBS"))
    show(steward.dsn, number)
    with pytest.raises(ChangesetRefused, match="Ann proposed changeset 1; another"):
        approve(steward.dsn, number, by)
    assert steward.meaning("X1", "2026-03-01") == "unmapped"


def test_the_database_keeps_four_eyes_whoever_writes(steward):
    number = steward.propose(payer("X1", "BCBS"))
    with pytest.raises(psycopg.errors.CheckViolation, match="CHANGESET_FOUR_EYES"):
        steward.execute(
            "update reference.changeset set state = 'approved', decided_by = 'ann' "
            "where changeset_id = %s",
            [number],
        )


def test_a_database_role_is_no_person(steward):
    number = steward.propose(payer("X1", "BCBS"))
    show(steward.dsn, number)
    with pytest.raises(ChangesetRefused, match="ledgerline_build is a database role"):
        approve(steward.dsn, number, "ledgerline_build")
    with pytest.raises(ChangesetRefused, match="name of a person"):
        approve(steward.dsn, number, " ")


def test_a_proposed_changeset_takes_no_change(steward):
    number = steward.propose(payer("X1", "BCBS"))
    with pytest.raises(psycopg.errors.CheckViolation, match="takes no more rows"):
        steward.execute(
            "insert into reference.changeset_row values (%s, 'payer', 'billing', "
            "'NRC', 'X2', 'BCBS', '2026-01-01', null)",
            [number],
        )
    for change in (
        "update reference.changeset_row set canonical_code = 'MEDICARE'",
        "delete from reference.changeset_row",
        "delete from reference.changeset",
        "truncate reference.changeset_impact",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            steward.execute(change)
    with pytest.raises(psycopg.errors.CheckViolation, match="not as it was proposed"):
        steward.execute("update reference.changeset set proposed_by = 'Eve'")


def tamper(steward):
    """Change a row behind the triggers, as only the owner of the machine can."""
    steward.execute(
        "set session_replication_role = replica; "
        "update reference.changeset_row set canonical_code = 'MEDICARE'"
    )


def test_a_changeset_that_was_changed_all_the_same_is_not_approved(steward):
    number = steward.propose(payer("X1", "BCBS"))
    tamper(steward)
    show(steward.dsn, number)
    with pytest.raises(ChangesetRefused, match="is not as it was proposed; reject it"):
        approve(steward.dsn, number, "Bo")
    reject(steward.dsn, number, "Bo")


def broken(dsn):
    [promise] = [each for each in verify(dsn) if each.sentence == PROMISE]
    return promise.breaks


def test_verify_holds_what_is_in_force_against_what_was_approved(steward):
    number = steward.approve(payer("X1", "BCBS"))
    assert broken(steward.dsn) == ()
    events = steward.execute(
        "select action, detail ->> 'by' from audit.event where subject = "
        "'reference.changeset' and subject_id = %s order by event_id desc limit 2",
        [str(number)],
    )
    assert events == [("approved", "Bo"), ("proposed", "Ann")]
    tamper(steward)
    assert broken(steward.dsn) == (("changeset 1", "its mappings are others now"),)


def test_what_nobody_looked_at_is_not_approved(steward):
    number = steward.propose(payer("X1", "BCBS"))
    with pytest.raises(ChangesetStale, match="nobody has seen what changeset 1 moves"):
        approve(steward.dsn, number, "Bo")


def test_facts_that_were_published_since_are_looked_at_again(steward):
    steward.use("X1", "100.00")
    steward.publish()
    number = steward.propose(payer("X1", "BCBS"))
    show(steward.dsn, number)
    steward.use("X1", "20.00")
    steward.publish()
    with pytest.raises(ChangesetStale, match=r"moves 120\.00 .* 2, and 100\.00 .* 1"):
        approve(steward.dsn, number, "Bo")
    show(steward.dsn, number)
    assert approve(steward.dsn, number, "Bo").publication_id == 2


def test_a_publication_that_moves_the_same_dollars_stops_nothing(steward):
    steward.use("X1", "100.00")
    steward.publish()
    number = steward.propose(payer("X1", "BCBS"))
    show(steward.dsn, number)
    steward.publish()
    approve(steward.dsn, number, "Bo")
    assert steward.meaning("X1", "2026-03-01") == "BCBS"


def test_of_many_approvers_one_approves(steward):
    number = steward.propose(payer("X1", "BCBS"))
    show(steward.dsn, number)
    outcomes = []

    def decide(name):
        try:
            approve(steward.dsn, number, name)
            outcomes.append(name)
        except ChangesetRefused as error:
            outcomes.append(error.message.partition("; ")[2])

    threads = [threading.Thread(target=decide, args=(f"B{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes)[1:] == ["propose another one"] * 3


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (payer("X1", "AETNA"), "there is no payer AETNA; choose a known one"),
        (payer("X1", "unmapped"), "there is no payer unmapped"),
        (payer("X1", "BCBS", facility="LGH"), "no facility is called LGH"),
        (payer("X1", "BCBS").replace("payer", "payor", 1), "payor is no code set"),
        (payer("X1", "BCBS").replace("billing", "erp"), "no model reads mappings of"),
        ("facility,ehr,NRC,N1,NRC,2026-01-01,", "means one thing everywhere; write *"),
        ("encounter_status,ehr,*,gone,finished,2026-01-01,", "no model reads"),
        (
            payer("60054", "BCBS", "2015-01-01", facility="MVH"),
            "means EMPLOYER from 2015-01-01 on, by crosswalk.csv",
        ),
        (
            payer("60054", "BCBS", "2014-01-01", facility="MVH"),
            "means EMPLOYER from 2015-01-01 on, by crosswalk.csv; end the new mapping",
        ),
    ],
)
def test_what_contradicts_is_refused_in_one_sentence(steward, row, words):
    with pytest.raises(ChangesetRefused) as caught:
        steward.propose(row)
    assert words in caught.value.message
    assert "\n" not in caught.value.message
    assert steward.execute("select count(*) from reference.changeset") == [(0,)]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([payer("X1", "BCBS"), payer("X1", "MEDICARE")], "periods overlap for payer"),
        ([payer("X1", "BCBS"), payer("X1", "BCBS", "2026-02-01")], "from 2026-02-01"),
        ([payer("X1", "BCBS", "2026-02-01", "2026-01-01")], "not after it begins"),
        ([payer("X1", "BCBS", "02/01/2026")], "'02/01/2026' is not a date"),
        ([], "holds no mapping"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_sentence(steward, rows, words):
    with pytest.raises(ReferenceInvalid) as caught:
        steward.propose(*rows)
    assert words in caught.value.message


def test_what_begins_inside_an_earlier_change_later_names_that_change(steward):
    steward.approve(payer("X1", "BCBS", "2026-03-01"))
    with pytest.raises(ChangesetRefused, match="from 2026-03-01 on, by changeset 1"):
        steward.propose(payer("X1", "MEDICARE", "2026-02-01"))
    steward.propose(payer("X1", "MEDICARE", "2026-02-01", "2026-03-01"))


def test_what_came_into_force_since_the_proposal_is_refused_at_approval(steward):
    number = steward.propose(payer("X1", "MEDICARE", "2026-02-01"))
    show(steward.dsn, number)
    steward.approve(payer("X1", "BCBS", "2026-03-01"))
    with pytest.raises(ChangesetRefused, match="by changeset 2"):
        approve(steward.dsn, number, "Bo")


def test_a_load_of_the_files_keeps_what_was_approved(steward):
    steward.approve(payer("X1", "BCBS"))
    steward.load(payer("X9", "MEDICARE"))
    assert steward.meaning("X1", "2026-03-01") == "BCBS"
    assert steward.meaning("X9", "2026-03-01") == "MEDICARE"
    steward.load(
        payer("X1", "BCBS"), payer("X1", "MEDICARE", "2025-01-01", "2026-01-01")
    )
    assert steward.meaning("X1", "2025-03-01") == "MEDICARE"


@pytest.mark.parametrize("begin", ["2026-01-01", "2026-06-01"])
def test_a_file_that_contradicts_an_approved_change_is_refused_whole(steward, begin):
    number = steward.approve(payer("X1", "BCBS"))
    with pytest.raises(ReferenceInvalid) as caught:
        steward.load(payer("X1", "MEDICARE", begin))
    assert f"X1 means MEDICARE from {begin} on, and changeset {number}" in str(
        caught.value
    )
    assert steward.meaning("14013", "2026-03-01") == "MEDICARE"


def test_an_unknown_number_is_named(steward):
    with pytest.raises(ChangesetRefused, match="there is no changeset 77"):
        show(steward.dsn, 77)
