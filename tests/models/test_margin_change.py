"""A change of margin is the sum of named effects, whatever changed."""

import os
import random
import secrets
from collections import Counter, defaultdict
from decimal import Decimal

import psycopg
import pytest

from ledgerline.store.roles import set_passwords
from tests.models.margin_cases import (
    MONTHS,
    PUBLISHED,
    SCENARIOS,
    any_hospital,
    facts,
)
from tests.warehouse.build import assert_dbt

pytestmark = pytest.mark.integration
SEED = int(os.environ.get("LEDGERLINE_MARGIN_SEED", "20261128"))
RANDOM = 100
MODELS = (
    *("service_line_profitability", "case_contribution", "resource_use"),
    *("resource_step", "margin_step", "margin_change"),
)
AMOUNT = "numeric(18, 2)"
SCOPE = {
    **{"service_month": "date", "facility_code": "text", "service_line_code": "text"},
    **{"payer_class": "text", "encounter_id": "text"},
}
TABLES = {
    "fct_encounter": {
        **{"is_counted": "boolean", "ms_drg": "text", "encounter_class_code": "text"},
        **{"is_discharge": "boolean default false", "drg_weight": "numeric"},
    },
    "fct_charge": {
        **{"cost_center_code": "text", "charge_amount": AMOUNT},
        **dict.fromkeys(("is_billed", "is_adjudicated"), "boolean default true"),
    },
    "fct_remittance_adjustment": {
        **{"adjustment_category": "text", "adjustment_amount": AMOUNT},
        "is_passed_on": "boolean default false",
    },
    "fct_supply_usage": {
        **{"item_code": "text", "quantity": "numeric", "supply_cost": AMOUNT},
    },
    "fct_encounter_cost": {
        **{"cost_center_code": "text", "cost_component": "text", "cost_method": "text"},
        **{"cost_amount": AMOUNT, "variable_cost": AMOUNT},
    },
    "fct_payment": {"paid_amount": AMOUNT},
    "fct_expected_revenue": dict.fromkeys(
        ("unanswered_amount", "accrued_amount"), AMOUNT
    ),
    "fct_published_margin": {"operating_margin_amount": AMOUNT},
}
"""The columns of every fact that matter; rows may end before those with a default."""


def hospitals():
    chance = random.Random(SEED)
    made = {f"R{number}": any_hospital(chance) for number in range(RANDOM)}
    return made | {name: tuple(each[:2]) for name, each in SCENARIOS.items()}


def published():
    """What readers knew of some months before, of service lines gone since too."""
    chance = random.Random(SEED + 1)
    made = {
        f"R{number}": {
            line: Decimal(chance.randint(-10_000, 900_000)) / 100
            for line in chance.sample("ABCD", chance.randint(1, 4))
        }
        for number in range(0, RANDOM, 3)
    }
    return made | PUBLISHED


def margins(cases):
    found = Counter()
    for case in cases:
        found[case.line] += case.margin
    return found


@pytest.fixture(scope="module")
def changes(warehouse_dsn, tmp_path_factory):
    """By hospital, dimension and code: the effects, and what is told of the change."""
    print(f"seed {SEED}")
    password = secrets.token_urlsafe(12)
    set_passwords(warehouse_dsn, {"build": password})
    with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
        tell(connection)
        target = tmp_path_factory.mktemp("dbt")
        assert_dbt(warehouse_dsn, target, password, "run", "--select", *MODELS)
        rows = connection.execute(
            "select facility_code, dimension_name, dimension_code, effect_name, "
            "effect_amount, margin_change_amount, operating_margin_amount, "
            "prior_operating_margin_amount, published_prior_margin_amount "
            "from candidate_marts.margin_change where service_month = %s",
            [MONTHS[1]],
        ).fetchall()
    made = defaultdict(lambda: ({}, set()))
    for facility, dimension, code, effect, amount, *told in rows:
        effects, all_told = made[facility, dimension, code]
        effects[effect] = amount
        all_told.add(tuple(told))
    return made


def tell(connection):
    rows = defaultdict(list)
    for name, hospital in hospitals().items():
        for relation, row in facts(name, hospital):
            rows[relation].append(row)
    for name, lines in published().items():
        rows["fct_published_margin"] += [
            (MONTHS[0], name, line, None, None, amount)
            for line, amount in lines.items()
        ]
    with connection.cursor() as cursor:
        for relation, own in TABLES.items():
            columns = SCOPE | own
            table = f"candidate_conformed.{relation}"
            named = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            cursor.execute(f"create table {table} ({named})")
            cursor.execute(f"grant select on {table} to ledgerline_build")
            width = max(map(len, rows[relation]), default=0)
            names = ", ".join(list(columns)[:width])
            marks = ", ".join(["%s"] * width)
            cursor.executemany(
                f"insert into {table} ({names}) values ({marks})", rows[relation]
            )


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_changed_is_the_only_effect(changes, name):
    effects, _ = changes[name, "service_line", "A"]
    found = {effect: amount for effect, amount in effects.items() if amount}
    assert found == SCENARIOS[name][2]


def test_a_center_shared_otherwise_moves_cost_between_service_lines(changes):
    effects, _ = changes["share", "service_line", "B"]
    assert {name: amount for name, amount in effects.items() if amount} == {
        "allocation": 2
    }
    effects, told = changes["share", "facility", "share"]
    assert set(effects.values()) == {0}
    assert told == {(0, 62, 62, 62)}


def test_any_change_is_the_sum_of_its_effects_to_the_cent(changes):
    for name, (before, after) in hospitals().items():
        now, prior, known = margins(after), margins(before), published().get(name)
        lines = {*now, *prior, *(known or ())}
        expected = {
            ("service_line", line): (
                *(now[line], prior[line]),
                known.get(line, 0) if known else prior[line],
            )
            for line in lines
        }
        expected["facility", name] = tuple(
            map(sum, zip(*expected.values(), strict=True))
        )
        for key, (margin, earlier, told_before) in expected.items():
            effects, told = changes[name, *key]
            change = margin - told_before
            assert told == {(change, margin, earlier, told_before)}, (name, key)
            assert sum(effects.values()) == change, (name, key, effects)
            assert all(amount == round(amount, 2) for amount in effects.values())
    assert len(changes) == sum(
        1 + len({*margins(a), *margins(b), *(published().get(n) or ())})
        for n, (a, b) in hospitals().items()
    )


def test_every_effect_occurs_in_any_changes(changes):
    occurring = {
        effect
        for (name, *_), (effects, _) in changes.items()
        for effect, amount in effects.items()
        if amount and name not in SCENARIOS
    }
    [every] = {frozenset(effects) for effects, _ in changes.values()}
    assert occurring == every
