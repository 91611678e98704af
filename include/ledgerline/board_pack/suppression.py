"""Small cells: which are pooled, which are hidden, and the audit that they stay so.

A cell of 1 to `LARGEST_SMALL` cases is not shown, and neither is what would give it
away: a table with its totals is a set of equations. `pooled` makes every total large
enough to be shown; `hidden_cells` chooses what else to hide inside; `narrowest` tells
what a reader can still work out. 0 is shown: it is about nobody.

The threshold is the cell size policy of the U.S. Centers for Medicare & Medicaid
Services; complementary cells are chosen by linear programming, as in Willenborg and de
Waal, Elements of Statistical Disclosure Control (2001), chapter 8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

LARGEST_SMALL = 10
Cell = tuple[int, int]
Counts = Sequence[Sequence[int]]
_TOLERANCE = 1e-6
_DEAREST = 1e6


class CellsStillKnown(AssertionError):
    """The chosen cells would give a small one away; nothing is written."""


def is_small(count: int) -> bool:
    """Tell whether a count of cases must not be shown."""
    return 1 <= count <= LARGEST_SMALL


def pooled(totals: Mapping[str, int]) -> frozenset[str]:
    """Return the names that are shown together, so that each total shown is large.

    All with at most LARGEST_SMALL cases; then, as long as they are too few together,
    the smallest of the others. Empty if no total is small.
    """
    ascending = sorted(totals, key=lambda name: (totals[name], name))
    pool = [name for name in ascending if totals[name] <= LARGEST_SMALL]
    if not any(totals[name] for name in pool):
        return frozenset()
    for name in ascending[len(pool) :]:
        if not is_small(sum(totals[each] for each in pool)):
            break
        pool.append(name)
    return frozenset(pool)


def hidden_cells(counts: Counts) -> frozenset[Cell]:
    """Return the cells (row, column) to hide in a table whose totals are shown.

    Each total is 0 or above LARGEST_SMALL. A small cell is safe when hidden cells can
    take other values that keep every total and raise it above LARGEST_SMALL: the
    cheapest such movement names the cells to hide with it. Raises CellsStillKnown when
    the outcome does not stand its audit.
    """
    cells = list(product(range(len(counts)), range(len(counts[0]) if counts else 0)))
    hidden = {cell for cell in cells if is_small(counts[cell[0]][cell[1]])}
    for cell in sorted(hidden):
        hidden |= _companions(counts, frozenset(hidden), cell)
    for row, column in hidden:
        count = counts[row][column]
        if is_small(count):
            least, most = narrowest(counts, frozenset(hidden), (row, column))
            if most < LARGEST_SMALL + 1 - _TOLERANCE or most - least < 1:
                raise CellsStillKnown("a small cell can be worked out from the totals")
    return frozenset(hidden)


def narrowest(
    counts: Counts, hidden: frozenset[Cell], cell: Cell
) -> tuple[float, float]:
    """Return the least and the most cases a hidden cell can have for a reader.

    The reader knows every other cell, every total, and that no count is negative.
    """
    from scipy.optimize import linprog

    names = sorted(hidden)
    rows, sums = _equations(counts, names)
    aim = [float(name == cell) for name in names]
    ends = []
    for sign in (1, -1):
        solved = linprog(
            [sign * each for each in aim], A_eq=rows, b_eq=sums, bounds=(0, None)
        )
        ends.append(sign * float(solved.fun))
    return ends[0], ends[1]


def _equations(
    counts: Counts, names: Sequence[Cell]
) -> tuple[list[list[float]], list[float]]:
    """Return one equation for each row and column that has hidden cells."""
    rows, sums = [], []
    for axis in (0, 1):
        for line in sorted({name[axis] for name in names}):
            inside = [name[axis] == line for name in names]
            rows.append([float(each) for each in inside])
            known = (
                counts[i][j]
                for (i, j), is_in in zip(names, inside, strict=True)
                if is_in
            )
            sums.append(float(sum(known)))
    return rows, sums


def _companions(counts: Counts, hidden: frozenset[Cell], cell: Cell) -> set[Cell]:
    """Return the cells of the cheapest movement that makes the cell large.

    Each cell moves up or down, none below 0, and every total stays. A hidden cell moves
    for nothing, a visible one for its count, one without cases last.
    """
    from scipy.optimize import linprog

    cells = list(product(range(len(counts)), range(len(counts[0]))))
    prices = [
        0.0 if each in hidden else float(counts[each[0]][each[1]] or _DEAREST)
        for each in cells
    ]
    lines = [
        [float(each[axis] == line) for each in cells]
        for axis, length in ((0, len(counts)), (1, len(counts[0])))
        for line in range(length)
    ]
    rise = LARGEST_SMALL + 1 - counts[cell[0]][cell[1]]
    up = [(rise, rise) if each == cell else (0, None) for each in cells]
    down = [(0, 0 if each == cell else counts[each[0]][each[1]]) for each in cells]
    solved = linprog(
        [*prices, *prices],
        A_eq=[[*line, *(-each for each in line)] for line in lines],
        b_eq=[0.0] * len(lines),
        bounds=[*up, *down],
        method="highs-ds",
    )
    if not solved.success:
        raise CellsStillKnown("no choice of cells hides a small one in these totals")
    half = len(cells)
    return {
        each
        for each, rose, fell in zip(
            cells, solved.x[:half], solved.x[half:], strict=True
        )
        if abs(rose - fell) > _TOLERANCE
    }
