"""Any pile of mappings gives a code one meaning a day, and the impact foretells it."""

import random
from datetime import date, timedelta

import pytest

from ledgerline.crosswalk.changeset.changeset import Mapping
from ledgerline.crosswalk.changeset.repository import decide, impact, insert
from ledgerline.store.engine import connect

pytestmark = pytest.mark.integration
SEED = 20_261_128
CODES = 3_000
LAYERS = 3
FIRST = date(2026, 1, 1)
MEANINGS = ("BCBS", "EMPLOYER", "MEDICARE")
DAYS = tuple(FIRST + timedelta(days=step) for step in range(0, 60, 7))


def mapping(chance, code, begin):
    end = (
        begin + timedelta(days=chance.randint(1, 40)) if chance.random() < 0.5 else None
    )
    return Mapping(
        code_set="payer",
        source_system="billing",
        facility_code=chance.choice(("*", "NRC", "NRC")),
        native_code=code,
        canonical_code=chance.choice(MEANINGS),
        valid_from=begin,
        valid_to=end,
    )


def pile(chance):
    """Base rows and layers, each at most one row a code, facility and first day."""
    layers = [{} for _ in range(LAYERS + 1)]
    for number in range(CODES):
        for layer in layers:
            for _ in range(chance.randint(0, 2)):
                begin = FIRST + timedelta(days=7 * chance.randint(0, 5))
                made = mapping(chance, f"C{number}", begin)
                layer[made.facility_code, made.native_code, begin] = made
    return layers


def meaning(in_force, day):
    """What the words say: the facility's own first, then what began last and lasts."""
    told = [
        each
        for each in in_force
        if each.valid_from <= day and (each.valid_to is None or day < each.valid_to)
    ]
    told.sort(key=lambda each: (each.facility_code != "*", each.valid_from))
    return told[-1].canonical_code if told else "unmapped"


def by_code(layers):
    """What stands after some layers: a later row of the same day replaces one."""
    standing = {}
    for layer in layers:
        standing |= layer
    found = {f"C{number}": [] for number in range(CODES)}
    for each in standing.values():
        found[each.native_code].append(each)
    return found


def published(connection, before):
    """Let every code be used on every day, under what it means so far."""
    connection.execute("delete from conformed.fct_code_usage")
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into conformed.fct_code_usage values ('payer', 'billing', 'NRC', "
            "%s, %s, 'charge', null, 1, 1, %s)",
            [(c, meaning(rows, d), d) for c, rows in before.items() for d in DAYS],
        )


def test_what_is_foretold_is_what_stands_after(steward):
    base, *layers = pile(random.Random(SEED))
    print(f"seed {SEED}, {CODES} codes")
    base = unopposed(base)
    steward.load(
        *(",".join(str(v or "") for v in vars(m).values()) for m in base.values())
    )
    known = by_code([base])
    with connect(steward.dsn) as connection:
        for number, layer in enumerate(layers, start=1):
            published(connection, known)
            with connection.transaction():
                changeset = insert(connection, f"{number}.csv", "Ann", layer.values())
            foretold = impact(connection, changeset)
            decide(connection, changeset, "approved", "Bo", None)
            after = by_code([base, *layers[:number]])
            assert moves(foretold) == expected(known, after)
            assert standing(connection) == {
                (code, day): meaning(after[code], day) for code in after for day in DAYS
            }
            known = after


def unopposed(base):
    """Rows of a file that no load refuses: those of one code do not overlap."""
    kept = {}
    for each in base.values():
        kept.setdefault((each.facility_code, each.native_code), each)
    return {(m.facility_code, m.native_code, m.valid_from): m for m in kept.values()}


def moves(foretold):
    return {(m.from_code, m.to_code): int(m.amount) for m in foretold.moves}


def expected(before, after):
    found = {}
    for code in before:
        for day in DAYS:
            step = meaning(before[code], day), meaning(after[code], day)
            if step[0] != step[1]:
                found[step] = found.get(step, 0) + 1
    return found


def standing(connection):
    """Ask as the macro of the models asks."""
    connection.execute("drop table if exists asked")
    connection.execute("create temp table asked as select * from reference.mapping")
    connection.execute("create index on asked (native_code); analyze asked")
    return {
        (code, day): found
        for code, day, found in connection.execute(
            """
            select code, day, coalesce((
                select canonical_code from asked
                where
                    native_code = code and facility_code in ('*', 'NRC')
                    and day >= valid_from
                    and day < coalesce(valid_to, 'infinity'::date)
                order by facility_code = '*', valid_from desc limit 1
            ), 'unmapped')
            from unnest(%s::text []) as code cross join unnest(%s::date []) as day
            """,
            [[f"C{number}" for number in range(CODES)], list(DAYS)],
        )
    }
