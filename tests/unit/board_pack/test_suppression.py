"""What the board pack hides cannot be worked out from what it shows."""

import pytest

from ledgerline.board_pack.suppression import (
    CellsStillKnown,
    hidden_cells,
    narrowest,
    pooled,
)


def test_the_audit_finds_a_cell_that_only_one_was_hidden_for():
    table = [[3, 20, 30], [15, 20, 30], [40, 50, 60]]
    assert narrowest(table, frozenset({(0, 0)}), (0, 0)) == pytest.approx((3, 3))


def test_a_cell_that_two_in_its_line_were_hidden_for_can_still_be_known_as_small():
    table = [[3, 4, 30], [6, 2, 30], [40, 50, 60]]
    only_small = frozenset({(0, 0), (0, 1), (1, 0), (1, 1)})
    assert narrowest(table, only_small, (0, 0))[1] <= 10
    assert narrowest(table, hidden_cells(table), (0, 0))[1] > 10


def test_a_table_without_small_cells_hides_nothing():
    assert hidden_cells([[0, 20], [11, 30]]) == frozenset()


def test_cells_without_cases_are_hidden_last():
    table = [[5, 0, 40, 30], [0, 20, 30, 40], [20, 0, 30, 40]]
    assert all(table[i][j] for i, j in hidden_cells(table))


def test_small_totals_are_pooled_until_they_are_large_together():
    assert pooled({"a": 4, "b": 3, "c": 12, "d": 60}) == {"a", "b", "c"}
    assert pooled({"a": 4, "b": 8, "c": 12}) == {"a", "b"}
    assert pooled({"a": 0, "b": 11}) == frozenset()
    assert pooled({"a": 0, "b": 2, "c": 30, "d": 40}) == {"a", "b", "c"}


def test_totals_that_are_small_themselves_are_refused():
    with pytest.raises(CellsStillKnown):
        hidden_cells([[3, 0], [0, 30]])
