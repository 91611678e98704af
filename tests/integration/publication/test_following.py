"""What is noted of a followed candidate stands for reading all of it."""

import random
from contextlib import contextmanager

import psycopg
import pytest

from ledgerline.canonical.errors import GateClosed
from ledgerline.publication.history import diff, revert
from ledgerline.publication.publish import publish
from tests.integration.publication.candidates import CHARGE, FEES, MARGIN, MORE

pytestmark = pytest.mark.integration
BOTH = {"conformed.fct_fee", "marts.margin"}


@pytest.fixture
def followed(warehouse):
    warehouse.build(FEES)
    warehouse.publish()
    assert following(warehouse) == BOTH
    return warehouse


def following(warehouse):
    return {row[0] for row in warehouse.execute("select relation from build.following")}


@contextmanager
def other_settings(warehouse):
    """Let new sessions of the database write days, times and numbers another way."""
    name = psycopg.conninfo.conninfo_to_dict(warehouse.dsn)["dbname"]
    warehouse.execute(
        f"alter database {name} set timezone = 'Asia/Tokyo';"
        f"alter database {name} set datestyle = 'German';"
        f"alter database {name} set extra_float_digits = 0"
    )
    try:
        yield
    finally:
        warehouse.execute(f"alter database {name} reset all")


def hash_of(warehouse):
    warehouse.pass_gate()
    return warehouse.decision.data_hash


def shown(warehouse):
    return [
        (row[0], row[1], int(row[2])) for row in warehouse.read("conformed.fct_fee")
    ]


def test_the_hash_by_what_was_noted_is_the_hash_of_all_rows(followed):
    followed.change(MORE)
    assert following(followed) == BOTH
    noted = hash_of(followed)
    followed.build(MORE)
    assert following(followed) == set()
    assert hash_of(followed) == noted


def test_a_session_with_other_settings_notes_the_same_hash(followed):
    rows = "alter table candidate_conformed.fct_fee add column at timestamptz"
    value = (
        "update candidate_conformed.fct_fee set at = '2026-03-01 12:00+00' "
        "where fee_id = 'f1'"
    )
    followed.execute(rows)
    followed.publish()
    with other_settings(followed):
        followed.execute(value)
    noted = hash_of(followed)
    followed.build(FEES)
    followed.execute(f"{rows};{value}")
    assert following(followed) == set()
    assert hash_of(followed) == noted


def test_what_was_noted_is_published_as_it_is(followed):
    followed.execute(
        "alter table candidate_conformed.fct_fee add column at timestamptz, "
        "add column said text, add column parts text[], add column share float8"
    )
    followed.publish()
    assert following(followed) == BOTH
    with other_settings(followed):
        followed.execute(
            "update candidate_conformed.fct_fee set at = '2026-03-01 12:00:00.25+00', "
            "said = e'\"a\", (b)\\\\ \n', parts = array['', null, 'x,{y}'], "
            "share = 1 / 3::float8 where fee_id = 'f1';"
            "update candidate_conformed.fct_fee set said = '' where fee_id = 'f2'"
        )
    assert following(followed) == BOTH
    followed.publish()
    columns = "select fee_id, facility_code, amount, at, said, parts, share"
    expected = f"{columns} from candidate_conformed.fct_fee order by fee_id"
    assert followed.execute(
        f"{columns} from conformed.fct_fee order by fee_id"
    ) == followed.execute(expected)


def test_only_what_was_noted_is_closed_and_added(followed):
    followed.change(MORE)
    count = followed.publish().row_counts["conformed.fct_fee"]
    assert (count.shown, count.added, count.closed) == (4, 4, 3)
    assert shown(followed) == sorted(MORE)
    assert followed.execute("select * from build.row_change") == []


def test_a_row_that_went_and_came_back_is_not_touched(followed):
    followed.change(MORE)
    followed.change(FEES)
    assert followed.publish().is_unchanged


def test_what_a_blocked_build_left_is_published_with_the_next(followed):
    followed.change(MORE)
    with pytest.raises(GateClosed):
        followed.publish(failed={"gx/conformed.fct_fee/key_unique"})
    last = [*MORE, ("f9", "NRC", 90)]
    followed.change(last)
    followed.publish()
    assert shown(followed) == sorted(last)


def test_a_change_by_hand_after_the_verdict_is_refused(followed):
    followed.change(MORE)
    run_id = followed.pass_gate()
    followed.execute("update candidate_conformed.fct_fee set amount = amount + 1")
    with pytest.raises(GateClosed, match="other rows"):
        publish(followed.dsn, run_id, followed.path)


@pytest.mark.parametrize(
    "change",
    [
        "truncate candidate_conformed.fct_fee;"
        "insert into candidate_conformed.fct_fee values ('f7', 'LGH', 70)",
        "drop trigger note_come on candidate_conformed.fct_fee;"
        "insert into candidate_conformed.fct_fee values ('f7', 'LGH', 70)",
        "alter table candidate_conformed.fct_fee disable trigger user;"
        "update candidate_conformed.fct_fee set amount = 70",
        "alter table candidate_conformed.fct_fee disable trigger user;"
        "update candidate_conformed.fct_fee set amount = 70;"
        "alter table candidate_conformed.fct_fee enable trigger user",
        "alter table candidate_conformed.fct_fee "
        "alter column amount type numeric(18,2) using amount + 1",
        "alter table candidate_conformed.fct_fee add column extra int default 1",
    ],
)
def test_a_candidate_that_changed_unseen_is_read_whole_again(followed, change):
    followed.execute(change)
    assert "conformed.fct_fee" not in usable(followed)
    followed.publish()
    candidate = followed.read("candidate_conformed.fct_fee")
    assert followed.read("conformed.fct_fee") == candidate
    assert following(followed) == BOTH
    followed.execute("delete from candidate_conformed.fct_fee where fee_id = 'f1'")
    followed.publish()
    assert followed.read("conformed.fct_fee") == [r for r in candidate if r[0] != "f1"]


def usable(warehouse):
    """The followed candidates that have the columns they had."""
    return {
        relation
        for relation, columns in warehouse.execute(
            "select relation, columns from build.following"
        )
        if set(columns) == columns_of(warehouse, f"candidate_{relation}")
    }


def columns_of(warehouse, relation):
    found = warehouse.execute(
        "select attname from pg_attribute where attrelid = %s::regclass "
        "and attnum > 0 and not attisdropped",
        [relation],
    )
    return {row[0] for row in found}


def test_the_build_role_changes_candidates_and_cannot_touch_what_is_noted(followed):
    followed.execute(
        "alter table candidate_conformed.fct_fee owner to ledgerline_build"
    )
    with psycopg.connect(followed.dsn, autocommit=True) as connection:
        connection.execute("set role ledgerline_build")
        connection.execute("update candidate_conformed.fct_fee set amount = 1")
        for change in ("delete from build.row_change", "delete from build.followed"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(change)
    followed.publish()
    assert {row[2] for row in shown(followed)} == {1}


def test_after_a_hold_or_a_revert_everything_is_compared(followed):
    [(first,)] = followed.execute("select max(publication_id) from ops.publication")
    followed.change(MORE)
    followed.publish(held=["LGH"])
    assert ("f3", "LGH", 30) in shown(followed)
    followed.publish()
    assert shown(followed) == sorted(MORE)
    revert(followed.dsn, first, by="c.ops")
    assert shown(followed) == sorted(FEES)
    followed.change([*MORE, ("f6", "MVH", 60)])
    followed.publish()
    assert shown(followed) == sorted([*MORE, ("f6", "MVH", 60)])


def vary(chance, fees):
    """Add, change or remove up to three fees."""
    for _ in range(chance.randrange(4)):
        key = f"f{chance.randrange(50)}"
        if chance.random() < 0.3:
            fees.pop(key, None)
        else:
            place = chance.choice(["MVH", "LGH", "NRC"])
            fees[key] = (key, place, chance.randrange(100))


def publish_and_compare(warehouse):
    """Publish and hold readers' rows and counts against the candidates; the number."""
    before = set(warehouse.read("conformed.fct_fee"))
    done = warehouse.publish()
    for relation in BOTH:
        assert warehouse.read(relation) == warehouse.read(f"candidate_{relation}")
    wanted = set(warehouse.read("candidate_conformed.fct_fee"))
    count = done.row_counts["conformed.fct_fee"]
    assert (count.shown, count.added, count.closed) == (
        *(len(wanted), len(wanted - before), len(before - wanted)),
    )
    return done.publication_id


def test_any_sequence_of_builds_publishes_what_the_candidates_hold(warehouse):
    """Full builds, increments, failed gates, holds and reverts in random order."""
    chance = random.Random(20260403)
    fees = {f"f{i}": (f"f{i}", "MVH", i) for i in range(40)}
    warehouse.build(list(fees.values()))
    numbers = [warehouse.publish().publication_id]
    for _ in range(60):
        vary(chance, fees)
        build = warehouse.build if chance.random() < 0.2 else warehouse.change
        build(list(fees.values()))
        turn = chance.choices(["publish", "block", "hold", "revert"], [5, 2, 2, 1])
        match turn:
            case ["publish"]:
                numbers.append(publish_and_compare(warehouse))
            case ["block"]:
                with pytest.raises(GateClosed):
                    warehouse.publish(failed={"gx/marts.margin/key_unique"})
            case ["hold"]:
                warehouse.publish(held=["LGH"])
            case ["revert"]:
                back = chance.choice(numbers)
                made = revert(warehouse.dsn, back, by="c.ops")
                assert diff(warehouse.dsn, back, made.publication_id) == []
    assert len(numbers) > 20


def test_what_is_no_longer_published_is_no_longer_followed(followed):
    followed.describe(CHARGE)
    followed.publish()
    assert following(followed) == {"conformed.fct_fee"}
    followed.describe(CHARGE, MARGIN)
    followed.publish()
    assert following(followed) == BOTH
