"""The pack's waterfalls, as SVG."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ledgerline.board_pack.wording import change, dollars

NAVY, SLATE, GREEN, RED, INK = "#1f3f68", "#8aa0b8", "#2f7d4f", "#b3261e", "#1d2a30"
_SIZE = (10.2, 2.55)
_MANY = 8


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A bar of a waterfall: a total stands on zero, a step on the one before it."""

    label: str
    amount: Decimal
    is_total: bool = False


def waterfall(bars: Sequence[Bar], *, is_variance: bool) -> str:
    """Return the SVG of a waterfall; steps are green and red only for variances."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    # Text as outlines needs no font where the pack is read; the salt makes equal packs.
    with rc_context({"svg.fonttype": "path", "svg.hashsalt": "ledgerline"}):
        figure = Figure(figsize=_SIZE, layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        width = 12 if len(bars) > _MANY else 18
        top = 0.0
        for place, bar in enumerate(bars):
            bottom = 0.0 if bar.is_total else top
            top = bottom + float(bar.amount)
            color = _color(bar, is_variance=is_variance)
            axes.bar(place, top - bottom, bottom=bottom, width=0.62, color=color)
            words = dollars(bar.amount) if bar.is_total else change(bar.amount)
            axes.annotate(
                words,
                (place, max(top, bottom)),
                xytext=(0, 3),
                textcoords="offset points",
                ha="center",
                fontsize=8,
                color=INK,
            )
        axes.axhline(0, color=INK, linewidth=0.8)
        axes.set_xticks(range(len(bars)), [_in_lines(b.label, width) for b in bars])
        axes.tick_params(axis="x", length=0, labelsize=8, colors=INK)
        axes.yaxis.set_visible(False)
        axes.margins(x=0.02, y=0.14)
        for side in ("left", "right", "top", "bottom"):
            axes.spines[side].set_visible(False)
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    text = drawn.getvalue()
    return re.sub(r"^.*?(?=<svg)", "", text, flags=re.DOTALL)


def _color(bar: Bar, *, is_variance: bool) -> str:
    if bar.is_total:
        return NAVY
    if not is_variance:
        return SLATE
    return GREEN if bar.amount >= 0 else RED


def _in_lines(label: str, width: int) -> str:
    lines = [""]
    for word in label.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
