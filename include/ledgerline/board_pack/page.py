"""The pack's page: every figure computed once, then set into the template."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

from ledgerline.board_pack import wording
from ledgerline.board_pack.charts import Bar, waterfall
from ledgerline.board_pack.figures import (
    UNALLOCATED,
    UNMAPPED,
    ZERO,
    Line,
    Rung,
    Source,
    effects,
    facilities,
    heatmap,
    large_enough,
    month_before,
    service_lines,
    total,
)
from ledgerline.board_pack.repository import Month
from ledgerline.board_pack.suppression import LARGEST_SMALL, is_small

CARD_STEPS = (
    ("What the preference cards expect", "standard_amount"),
    ("Usage", "usage_variance_amount"),
    ("Price", "price_variance_amount"),
    ("Substitution", "substitution_variance_amount"),
    ("Without a card or price", "unmeasured_amount"),
    ("Opened and not used", "unused_amount"),
    ("What was used", "supply_cost"),
)
Effects = list[tuple[str, Decimal]]
_WARM, _COOL = (178, 84, 38), (31, 95, 104)


@dataclass(frozen=True, kw_only=True)
class Badge:
    """What the gate said of these numbers."""

    title: str
    detail: str
    is_stale: bool
    held: bool


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One number of the first page, against budget and the month before."""

    name: str
    value: str
    budget: str = ""
    sense: str = "quiet"
    prior: str = ""


def render(read: Month) -> str:
    """Return the whole pack as one HTML page that needs no other file."""
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=False)
    environment.filters |= {
        "month_name": wording.month_name,
        "dollars": wording.dollars,
        "cents": wording.cents,
        "change": wording.change,
        "share": wording.share,
        "percent": wording.percent,
        "measure": wording.measure,
        "payer_name": wording.payer_name,
        "shade": _shade,
        "unbroken": _unbroken,
    }
    environment.globals["variance"] = _variance
    template = environment.from_string(_file("pack.html"))
    return template.render(**_figures(read))


def _figures(read: Month) -> dict[str, Any]:
    lines = service_lines(read.cells, read.budgets)
    whole = total(lines)
    moved = effects(read.effects, wording.EFFECTS)
    return {
        "style": _file("pack.css"),
        "month": read.month,
        "before": month_before(read.month),
        "source": read.source,
        "badge": badge(read.source),
        "headline": _headline(read, whole, moved),
        "tiles": tiles(read.rungs),
        "ladder": waterfall(_ladder(read.rungs), is_variance=False),
        "bridge": _bridge(read.month, whole, moved),
        "rungs": facilities(read.rungs),
        "lines": lines,
        "total": whole,
        "heatmap": heatmap(read.cells, lines),
        "metrics": read.metrics,
        "supplies": large_enough(read.supplies, "item_category", "supply_cost"),
        "supply_total": sum((each["supply_cost"] for each in read.supplies), ZERO),
        "losses": _losses(read),
        "card_steps": _card_steps(read),
        "unmapped": _of(read, UNMAPPED, "net_revenue_amount"),
        "unallocated": -_of(read, UNALLOCATED, "operating_margin_amount"),
        "unanswered": read.unanswered,
        "reconciliation": read.reconciliation,
        "waiting_amount": read.waiting_amount,
    }


def badge(source: Source) -> Badge:
    """Return what the gate said; stale when it blocked what came after."""
    at = f"{source.published_at:%B %-d, %Y, %H:%M} UTC"
    shown = f"Publication {source.publication_id}, data as of {at}"
    if source.newest_verdict == "BLOCK":
        return Badge(
            title="Gate closed: these are the last proven numbers",
            detail=f"{shown}; blocked on {source.decided_at:%B %-d, %Y, %H:%M} UTC",
            is_stale=True,
            held=False,
        )
    if source.held_facilities:
        names = ", ".join(source.held_facilities)
        return Badge(
            title=f"Gate passed, {names} held back",
            detail=f"{shown}; a facility held back shows its last proven numbers",
            is_stale=False,
            held=True,
        )
    return Badge(title="Gate passed", detail=shown, is_stale=False, held=False)


def _headline(read: Month, whole: Line, moved: Effects) -> str:
    return wording.headline(
        read.month,
        whole.operating_margin_amount,
        _added(read.rungs, "budget_operating_margin_amount"),
        moved[0] if moved else None,
        month_before(read.month),
    )


def tiles(rungs: Sequence[Rung]) -> list[Tile]:
    """Return the first page's numbers, over all facilities."""
    revenue = _added(rungs, "net_revenue_amount") or ZERO
    margin = _added(rungs, "operating_margin_amount") or ZERO
    contribution = _added(rungs, "contribution_margin_amount") or ZERO
    cases = sum(each.case_count for each in rungs)
    discharges = sum(each.discharge_count for each in rungs)
    weight = _added(rungs, "drg_weight_total") or ZERO
    is_large = discharges > LARGEST_SMALL
    index = f"{weight / discharges:.2f}" if is_large and weight else wording.NOTHING
    return [
        _tile("Net revenue", revenue, rungs, "net_revenue_amount"),
        Tile(
            name="Contribution margin",
            value=wording.dollars(contribution),
            prior=f"{wording.share(contribution, revenue)} of net revenue",
        ),
        _tile("Operating margin", margin, rungs, "operating_margin_amount"),
        Tile(name="Cases", value=f"{cases:,}", prior=_discharged(discharges, is_large)),
        Tile(name="Case mix index", value=index, prior="of discharges with a DRG"),
    ]


def _discharged(discharges: int, is_large: bool) -> str:
    return f"{discharges:,} discharges" if is_large else "10 discharges or fewer"


def _tile(name: str, amount: Decimal, rungs: Sequence[Rung], column: str) -> Tile:
    budget, prior = _added(rungs, f"budget_{column}"), _added(rungs, f"prior_{column}")
    if budget is None:
        words, sense = "no budget", "quiet"
    else:
        gap, part, sense = _against(amount, budget)
        words = f"{gap} ({part}) vs budget"
    before = "" if prior is None else f"month before {wording.dollars(prior)}"
    return Tile(
        name=name,
        value=wording.dollars(amount),
        budget=words,
        sense=sense,
        prior=before,
    )


def _added(rungs: Sequence[Rung], column: str) -> Decimal | None:
    known = [value for each in rungs if (value := getattr(each, column)) is not None]
    return sum(known, ZERO) if known else None


def _ladder(rungs: Sequence[Rung]) -> list[Bar]:
    revenue, contribution, direct, operating = (
        _added(rungs, column) or ZERO
        for column in (
            "net_revenue_amount",
            "contribution_margin_amount",
            "direct_margin_amount",
            "operating_margin_amount",
        )
    )
    return [
        Bar(label="Net revenue", amount=revenue, is_total=True),
        Bar(label="Variable cost", amount=contribution - revenue),
        Bar(label="Contribution margin", amount=contribution, is_total=True),
        Bar(label="Fixed direct cost", amount=direct - contribution),
        Bar(label="Direct margin", amount=direct, is_total=True),
        Bar(label="Overhead", amount=operating - direct),
        Bar(label="Operating margin", amount=operating, is_total=True),
    ]


def _bridge(month: date, whole: Line, moved: Effects) -> str | None:
    """Return the waterfall from the month before, None when there is none."""
    if not moved:
        return None
    start = whole.operating_margin_amount - sum((n for _, n in moved), ZERO)
    steps = [Bar(label=name.capitalize(), amount=amount) for name, amount in moved]
    first = Bar(label=f"{month_before(month):%B}", amount=start, is_total=True)
    last = Bar(label=f"{month:%B}", amount=whole.operating_margin_amount, is_total=True)
    return waterfall([first, *steps, last], is_variance=True)


def _card_steps(read: Month) -> list[tuple[str, Decimal]]:
    if read.variance["case_count"] <= LARGEST_SMALL:
        return []
    return [(name, read.variance[column]) for name, column in CARD_STEPS]


def _losses(read: Month) -> list[tuple[str, Decimal]]:
    """Return what brought nothing, without a loss that only a few cases caused."""
    surgical = read.variance["case_count"]
    return [
        (wording.LOSSES[each["loss_name"]], each["loss_amount"])
        for each in read.losses
        if not is_small(each["case_count"])
        and not (each["loss_name"] == "opened_unused" and is_small(surgical))
    ]


def _of(read: Month, code: str, column: str) -> Decimal:
    found = (getattr(c, column) for c in read.cells if c.service_line_code == code)
    return sum(found, ZERO)


def _variance(amount: Decimal, budget: Decimal | None) -> Any:  # noqa: ANN401
    """Return the two cells of a variance to budget; green and red are for these."""
    from markupsafe import Markup

    if not budget:
        return Markup("<td>{0}</td><td>{0}</td>").format(wording.NOTHING)
    gap, part, sense = _against(amount, budget)
    cells = '<td class="{0}">{1}</td><td class="{0}">{2}</td>'
    return Markup(cells).format(sense, gap, part)  # noqa: S704


def _against(amount: Decimal, budget: Decimal) -> tuple[str, str, str]:
    """Return the variance in dollars and percent, and whether it is better or worse."""
    gap = amount - budget
    part = wording.share(gap, budget, signed=True)
    return wording.change(gap), part, "better" if gap >= 0 else "worse"


def _unbroken(sentence: str) -> Any:  # noqa: ANN401
    """Return a sentence whose amounts stay on one line, sign and all."""
    from markupsafe import Markup, escape

    amount = rf"[+{wording.MINUS}]?\$[\d,]+"
    whole = re.sub(
        f"({amount})", r'<span class="whole">\1</span>', str(escape(sentence))
    )
    return Markup(whole)  # noqa: S704


def _shade(rate: Decimal | None) -> str:
    """Return the colour of a margin: the further from 0, the fuller."""
    if rate is None:
        return "#f1f4f5"
    fullness = float(min(abs(rate), Decimal(1))) * 0.62
    color = _COOL if rate >= 0 else _WARM
    red, green, blue = (round(255 - (255 - each) * fullness) for each in color)
    return f"rgb({red},{green},{blue})"


def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
