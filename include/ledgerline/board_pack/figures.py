"""What stands on the pack's pages, as the reader views give it and as it may be shown.

Amounts are US dollars, a cost or a shortfall negative only where it is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ledgerline.board_pack.suppression import hidden_cells, is_small, pooled

UNMAPPED, UNALLOCATED = "unmapped", "unallocated"
OTHER_LINES, OTHER_PAYERS = "Other service lines", "other"
ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Source:
    """Which publication the pack shows, and what the gate last said."""

    publication_id: int
    published_at: datetime
    held_facilities: Sequence[str]
    verdict: str
    newest_verdict: str
    decided_at: datetime


@dataclass(frozen=True, kw_only=True)
class Cell:
    """The month of one service line with one payer class."""

    service_line_code: str
    service_line_name: str | None
    payer_class: str
    case_count: int
    net_revenue_amount: Decimal
    contribution_margin_amount: Decimal
    direct_margin_amount: Decimal
    operating_margin_amount: Decimal
    item_cost: Decimal


@dataclass(frozen=True, kw_only=True)
class Rung:
    """The margin ladder of one facility in the month, with prior month and budget."""

    facility_code: str
    facility_name: str | None
    case_count: int
    drg_weight_total: Decimal | None
    discharge_count: int
    net_revenue_amount: Decimal
    contribution_margin_amount: Decimal
    direct_margin_amount: Decimal
    operating_margin_amount: Decimal
    prior_net_revenue_amount: Decimal | None
    prior_operating_margin_amount: Decimal | None
    budget_net_revenue_amount: Decimal | None
    budget_operating_margin_amount: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Line:
    """A row of the service-line table: a line, the pool, or dollars without a case."""

    code: str
    name: str
    case_count: int
    net_revenue_amount: Decimal
    contribution_margin_amount: Decimal
    operating_margin_amount: Decimal
    item_cost: Decimal
    budget_operating_margin_amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Heatmap:
    """Contribution margin over net revenue; None where a cell is hidden or empty."""

    payer_classes: Sequence[str]
    rows: Mapping[str, Sequence[Decimal | None]]
    hidden_count: int


def is_without_cases(line: Line) -> bool:
    """Tell whether a line is of dollars that belong to no case; it is always named."""
    return line.code in (UNMAPPED, UNALLOCATED) and not line.case_count


def service_lines(cells: Iterable[Cell], budgets: Mapping[str, Decimal]) -> list[Line]:
    """Return the lines by contribution margin, small ones pooled, and caseless last."""
    by_code: dict[str, list[Cell]] = {code: [] for code in budgets}
    for cell in cells:
        by_code.setdefault(cell.service_line_code, []).append(cell)
    lines = [_line(code, each, budgets) for code, each in by_code.items()]
    with_cases = [each for each in lines if not is_without_cases(each)]
    pool = pooled({each.code: each.case_count for each in with_cases})
    shown = [each for each in with_cases if each.code not in pool]
    shown.sort(key=lambda each: each.contribution_margin_amount, reverse=True)
    together = [each for each in with_cases if each.code in pool]
    if together:
        shown.append(_added_up(OTHER_LINES, together))
    return [*shown, *(each for each in lines if is_without_cases(each))]


def _line(code: str, cells: Sequence[Cell], budgets: Mapping[str, Decimal]) -> Line:
    names = [each.service_line_name for each in cells if each.service_line_name]
    return Line(
        code=code,
        name=names[0] if names else code.replace("_", " ").capitalize(),
        case_count=sum(each.case_count for each in cells),
        net_revenue_amount=_sum(each.net_revenue_amount for each in cells),
        contribution_margin_amount=_sum(c.contribution_margin_amount for c in cells),
        operating_margin_amount=_sum(each.operating_margin_amount for each in cells),
        item_cost=_sum(each.item_cost for each in cells),
        budget_operating_margin_amount=budgets.get(code) or ZERO,
    )


def _added_up(name: str, lines: Sequence[Line]) -> Line:
    """Return the sum of lines as one."""
    numbers = [each.name for each in fields(Line) if each.name not in ("code", "name")]
    sums = {key: sum((getattr(each, key) for each in lines), 0) for key in numbers}
    return replace(lines[0], code="other", name=f"{name} ({len(lines)})", **sums)


def total(lines: Sequence[Line]) -> Line:
    """Return the sum of every line of a table."""
    return replace(_added_up("", lines), code="total", name="Total")


def heatmap(cells: Sequence[Cell], lines: Sequence[Line]) -> Heatmap:
    """Return the margin of each shown line and payer class, small cells hidden."""
    shown = {each.code: each.name for each in lines if not is_without_cases(each)}
    payer_totals: dict[str, int] = {}
    for cell in cells:
        payer = cell.payer_class
        payer_totals[payer] = payer_totals.get(payer, 0) + cell.case_count
    small = pooled({name: n for name, n in payer_totals.items() if n})
    large = sorted(name for name, n in payer_totals.items() if n and name not in small)
    payers = [*large, OTHER_PAYERS] if small else large
    groups: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        row = cell.service_line_code if cell.service_line_code in shown else "other"
        column = OTHER_PAYERS if cell.payer_class in small else cell.payer_class
        groups.setdefault((row, column), []).append(cell)
    counts = [
        [
            sum(each.case_count for each in groups.get((row, column), ()))
            for column in payers
        ]
        for row in shown
    ]
    hidden = hidden_cells(counts)
    rows = {
        name: [
            None if (i, j) in hidden or not counts[i][j] else _rate(groups[row, column])
            for j, column in enumerate(payers)
        ]
        for i, (row, name) in enumerate(shown.items())
    }
    return Heatmap(payer_classes=payers, rows=rows, hidden_count=len(hidden))


def _rate(cells: Sequence[Cell]) -> Decimal | None:
    revenue = _sum(each.net_revenue_amount for each in cells)
    margin = _sum(each.contribution_margin_amount for each in cells)
    return margin / revenue if revenue > 0 else None


def effects(
    told: Iterable[tuple[str, Decimal]], labels: Mapping[str, str]
) -> list[tuple[str, Decimal]]:
    """Return the effects on the margin by label, the largest first, none of nothing."""
    sums: dict[str, Decimal] = {}
    for name, amount in told:
        sums[labels[name]] = sums.get(labels[name], ZERO) + amount
    moved = [(label, amount) for label, amount in sums.items() if amount]
    return sorted(moved, key=lambda each: abs(each[1]), reverse=True)


def large_enough(
    rows: Sequence[Mapping[str, Any]], name: str, amount: str
) -> list[tuple[str, Decimal]]:
    """Return names with their amounts, those of few cases together as "other"."""
    small = pooled({row[name]: row["case_count"] for row in rows})
    shown = [(row[name], row[amount]) for row in rows if row[name] not in small]
    if not small:
        return shown
    rest = _sum(row[amount] for row in rows if row[name] in small)
    return [*shown, ("other", rest)]


def facilities(rungs: Sequence[Rung]) -> list[Rung]:
    """Return the facilities that may be shown: all, or none when one is too small."""
    return [] if any(is_small(each.case_count) for each in rungs) else list(rungs)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def month_before(month: date) -> date:
    """Return the first day of the month before."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
