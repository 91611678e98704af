"""Cost moved by hand to the centers that it belongs to."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from fractions import Fraction

from sandbox.finance.center_costs import CenterCost
from sandbox.finance.reclassification import MILLION, Rule, rules
from sandbox.money import split
from sandbox.network.cost_centers import COST_CENTERS, cost_center_code


def _followed(costs: list[CenterCost]) -> list[Rule]:
    """Return the rules for a center's costs of one account and month."""
    cost = costs[0]
    known = {cost_center_code(cost.facility_code, kind.number) for kind in COST_CENTERS}
    return [
        rule
        for rule in rules()
        if (rule.giver, rule.account_code) == (cost.cost_center_code, cost.account_code)
        and rule.taker in known
        and rule.holds_in(cost.month_end)
    ]


def _moved(balance: int, followed: list[Rule]) -> dict[str, int]:
    """Return the cents by rule: amounts, and what all shares come to together."""
    weights = {rule.code: rule.millionths for rule in followed}
    part = Fraction(balance * sum(weights.values()), MILLION)
    amounts = {rule.code: rule.cents for rule in followed if rule.cents}
    return split(int(part + Fraction(1, 2)), weights) | amounts


def reclassified(costs: Iterable[CenterCost]) -> list[CenterCost]:
    """Return the costs and what the rules move: less on one center, more on another."""
    made = list(costs)
    balances: dict[tuple[str, str, date], list[CenterCost]] = {}
    for cost in made:
        key = cost.cost_center_code, cost.account_code, cost.month_end
        balances.setdefault(key, []).append(cost)
    for booked in balances.values():
        followed = _followed(booked)
        moved = _moved(sum(cost.amount for cost in booked), followed)
        for rule in followed:
            less = replace(booked[0], amount=-moved[rule.code])
            more = replace(less, amount=-less.amount, cost_center_code=rule.taker)
            made += [less, more]
    return made
