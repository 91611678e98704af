"""The warehouse pools small cells by the rule of the board pack, for every filter."""

import random
from collections import Counter, defaultdict
from datetime import date

import pytest
from psycopg.types.json import Jsonb

from ledgerline.board_pack.suppression import is_small, pooled

pytestmark = pytest.mark.integration

SEED = 20260301
ROUNDS = 300
MONTH = date(2026, 3, 1)
CELLS = """
    select first_name, second_name, first_shown, second_shown
    from ops.pooled_cells((
        select array_agg(
            row(%(month)s::date, first.key, second.key, second.value)::ops.cell
        )
        from jsonb_each(%(table)s) as first (key, value)
        cross join jsonb_each_text(first.value) as second
    ))
"""


def test_the_threshold_is_that_of_the_board_pack(connection):
    found = connection.execute(
        "select count, ops.is_small_cell(count) from generate_series(0, 50) as count"
    )
    assert [told for count, told in found if told != is_small(count)] == []


def test_the_same_names_are_pooled(connection):
    draw = random.Random(SEED)
    seen = Counter()
    for number in range(ROUNDS):
        totals = {
            draw.choice("abcdefgh") + str(each): max(
                0, int(draw.expovariate(1 / 14)) - 2
            )
            for each in range(draw.randint(1, 8))
        }
        [[found]] = connection.execute("select ops.pooled(%s)", [Jsonb(totals)])
        assert set(found) == pooled(totals), f"seed {SEED}, round {number}"
        seen[bool(found)] += 1
    assert min(seen.values()) > 20


def test_every_class_that_is_left_has_no_case_or_many(connection):
    draw = random.Random(SEED)
    seen = Counter()
    for number in range(ROUNDS):
        table = {
            f"line{line}": {
                f"payer{payer}": max(0, int(draw.expovariate(1 / 9)) - 2)
                for payer in range(draw.randint(1, 5))
            }
            for line in range(draw.randint(1, 7))
        }
        rows = connection.execute(CELLS, {"month": MONTH, "table": Jsonb(table)})
        classes, firsts = defaultdict(int), {}
        for first, second, first_shown, second_shown in rows:
            assert firsts.setdefault(first, first_shown) == first_shown
            classes[first_shown, second_shown] += table[first][second]
        whole = sum(sum(line.values()) for line in table.values())
        note = f"seed {SEED}, round {number}"
        assert not any(map(is_small, classes.values())), note
        assert sum(classes.values()) == (0 if is_small(whole) else whole), note
        seen["pooled"] += "other" in firsts.values()
        seen["alone"] += any(first != "other" for first, _ in classes)
        seen["refused"] += not classes
    assert min(seen["pooled"], seen["alone"]) > 50, seen
    assert seen["refused"], seen


def test_dollars_of_no_line_and_no_case_keep_their_name(connection):
    table = {"unmapped": {"": 0}, "unallocated": {"": 0}, "a": {"": 3}, "b": {"": 30}}
    rows = connection.execute(CELLS, {"month": MONTH, "table": Jsonb(table)}).fetchall()
    assert {first: shown for first, _, shown, _ in rows} == {
        **{"unmapped": "unmapped", "unallocated": "unallocated"},
        **{"a": "other", "b": "other"},
    }
