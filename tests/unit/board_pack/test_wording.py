"""Dollars, shares and the first sentence read as finance people write them."""

from datetime import date
from decimal import Decimal

import pytest

from ledgerline.board_pack.wording import (
    EFFECTS,
    change,
    dollars,
    headline,
    measure,
    share,
)

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1234567.49", "$1,234,567"),
        ("0.50", "$1"),
        ("-0.49", "$0"),
        ("-1234.50", f"{MINUS}$1,235"),
    ],
)
def test_dollars_are_whole_and_halves_go_away_from_zero(amount, words):
    assert dollars(Decimal(amount)) == words


def test_a_variance_has_its_sign_and_nothing_has_none():
    assert change(Decimal(12)) == "+$12"
    assert change(Decimal(-12)) == f"{MINUS}$12"
    assert change(Decimal("0.02")) == "$0"
    assert change(None) == "\N{EN DASH}"


def test_a_share_divides_by_the_absolute_budget():
    assert share(Decimal(-50), Decimal(-100), signed=True) == f"{MINUS}50.0%"
    assert share(Decimal(50), Decimal(-100), signed=True) == "+50.0%"
    assert share(Decimal(5), Decimal(0)) == "\N{EN DASH}"


def test_a_metric_is_told_in_its_unit():
    assert measure(Decimal("0.976934"), "rate") == "97.7%"
    assert measure(Decimal("37.304979"), "days") == "37.3 days"


def test_the_headline_names_margin_budget_and_driver():
    found = headline(
        date(2026, 1, 1),
        Decimal("-307094.37"),
        Decimal("160373.00"),
        (EFFECTS["case_mix"], Decimal("-38442.85")),
        date(2025, 12, 1),
    )
    assert found == (
        f"Operating margin was {MINUS}$307,094 in January 2026, $467,467 (291.5%) "
        f"below budget. What moved it most since December: case mix, {MINUS}$38,443."
    )


def test_the_headline_says_nothing_of_what_is_not_there():
    found = headline(date(2026, 1, 1), Decimal(5), None, None, date(2025, 12, 1))
    assert found == "Operating margin was $5 in January 2026."
