"""200 random tables as a board pack shows them: no small cell can be derived."""

import random
from itertools import product

import pytest
from scipy.optimize import linprog

from ledgerline.board_pack.suppression import hidden_cells, is_small, pooled

pytestmark = pytest.mark.integration

SEED = 20260301
TABLES = 200


def random_table(draw):
    """Six service lines by five payer classes, skewed as cases are."""
    rows, columns = draw.randint(1, 6), draw.randint(1, 5)
    return [
        [max(0, int(draw.expovariate(1 / 18)) - 3) for _ in range(columns)]
        for _ in range(rows)
    ]


def poolable(table):
    """The table after its small rows, then its small columns, were added together."""
    for _ in range(2):
        totals = {str(number): sum(row) for number, row in enumerate(table)}
        pool = pooled(totals)
        kept = [row for number, row in enumerate(table) if str(number) not in pool]
        if pool:
            rows = [row for number, row in enumerate(table) if str(number) in pool]
            kept.append([sum(column) for column in zip(*rows, strict=True)])
        table = [list(column) for column in zip(*kept, strict=True)]
    return table


def auditor(table, hidden, cell, sign):
    """What a reader with every equation, totals included, says of one cell.

    Apart from the product's own: every cell of the table is a variable.
    """
    cells = list(product(range(len(table)), range(len(table[0]))))
    equations, sums = [], []
    for axis in (0, 1):
        for line in range(len(table) if axis == 0 else len(table[0])):
            equations.append([float(each[axis] == line) for each in cells])
            sums.append(sum(table[i][j] for i, j in cells if (i, j)[axis] == line))
    bounds = [
        (0, None) if each in hidden else (table[each[0]][each[1]],) * 2
        for each in cells
    ]
    aim = [sign * float(each == cell) for each in cells]
    solved = linprog(aim, A_eq=equations, b_eq=sums, bounds=bounds, method="highs")
    assert solved.success
    return sign * solved.fun


def test_no_small_cell_of_200_random_tables_can_be_derived():
    draw = random.Random(SEED)
    small = complementary = 0
    for number in range(TABLES):
        table = poolable(random_table(draw))
        if is_small(sum(map(sum, table))):
            continue
        hidden = hidden_cells(table)
        for cell in product(range(len(table)), range(len(table[0]))):
            count = table[cell[0]][cell[1]]
            if is_small(count):
                small += 1
                assert cell in hidden, f"seed {SEED}, table {number}"
                least = auditor(table, hidden, cell, 1)
                most = auditor(table, hidden, cell, -1)
                assert most > 10, f"seed {SEED}, table {number}: known to be small"
                assert most - least >= 1, f"seed {SEED}, table {number}: derivable"
            complementary += cell in hidden and not is_small(count)
    assert small > 200
    assert complementary > 0
