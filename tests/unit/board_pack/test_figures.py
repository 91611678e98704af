"""Small service lines are shown together, and every dollar stays on the page."""

from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal

from ledgerline.board_pack.figures import (
    Cell,
    Rung,
    Source,
    effects,
    heatmap,
    large_enough,
    month_before,
    service_lines,
    total,
)
from ledgerline.board_pack.page import badge, tiles

BUDGETS = {"emergency": Decimal("700.00"), "planned_only": Decimal("50.00")}


def cell(line, payer, cases, net):
    amount = Decimal(net)
    return Cell(
        service_line_code=line,
        service_line_name=line.capitalize(),
        payer_class=payer,
        case_count=cases,
        net_revenue_amount=amount,
        contribution_margin_amount=amount / 2,
        direct_margin_amount=amount / 4,
        operating_margin_amount=amount / 5,
        item_cost=Decimal(1),
    )


CELLS = [
    cell("emergency", "medicare", 40, "4000.00"),
    cell("emergency", "commercial", 4, "900.00"),
    cell("cardiology", "medicare", 30, "5000.00"),
    cell("cardiology", "commercial", 20, "100.00"),
    cell("skin", "medicare", 3, "300.00"),
    cell("burns", "commercial", 9, "950.00"),
    cell("unallocated", "unallocated", 0, "-10.00"),
]


def test_every_dollar_and_case_is_in_a_shown_line():
    lines = service_lines(CELLS, BUDGETS)
    whole = total(lines)
    assert whole.case_count == sum(each.case_count for each in CELLS)
    assert whole.net_revenue_amount == sum(each.net_revenue_amount for each in CELLS)
    assert whole.budget_operating_margin_amount == Decimal("750.00")


def test_lines_of_ten_cases_or_fewer_are_shown_together():
    names = {each.name: each.case_count for each in service_lines(CELLS, BUDGETS)}
    assert names == {
        "Cardiology": 50,
        "Emergency": 44,
        "Other service lines (3)": 12,
        "Unallocated": 0,
    }


def test_unmapped_cases_count_like_any_others():
    few = [*CELLS, cell("unmapped", "medicare", 2, "20.00")]
    shown = [each.code for each in service_lines(few, {})]
    assert "unmapped" not in shown
    many = [*CELLS, cell("unmapped", "medicare", 22, "20.00")]
    assert "unmapped" in [each.code for each in service_lines(many, {})]


def test_a_small_cell_and_its_companions_have_no_rate():
    found = heatmap(CELLS, service_lines(CELLS, BUDGETS))
    assert found.payer_classes == ["commercial", "medicare"]
    assert found.rows["Emergency"] == [None, None]
    assert found.hidden_count == 4 or found.hidden_count == 6


def test_a_table_of_large_cells_shows_each_rate():
    cells = [each for each in CELLS if each.service_line_code == "cardiology"]
    found = heatmap(cells, service_lines(cells, {}))
    assert found.rows == {"Cardiology": [Decimal("0.5"), Decimal("0.5")]}


def test_effects_of_one_label_are_one_and_the_largest_is_first():
    told = [("a", Decimal(3)), ("b", Decimal(-5)), ("c", Decimal(1)), ("d", Decimal(0))]
    labels = {"a": "mix", "b": "rate", "c": "mix", "d": "nothing"}
    assert effects(told, labels) == [("rate", Decimal(-5)), ("mix", Decimal(4))]


def test_amounts_of_few_cases_are_added_together():
    rows = [
        {"name": "drug", "amount": Decimal(7), "case_count": 90},
        {"name": "implant", "amount": Decimal(5), "case_count": 2},
        {"name": "supply", "amount": Decimal(3), "case_count": 40},
    ]
    assert large_enough(rows, "name", "amount") == [
        ("drug", Decimal(7)),
        ("other", Decimal(8)),
    ]


def source(**given):
    at = datetime(2026, 4, 2, 4, 30, tzinfo=UTC)
    plain = {
        "publication_id": 7,
        "published_at": at,
        "held_facilities": [],
        "verdict": "PASS",
        "newest_verdict": "PASS",
        "decided_at": at,
    }
    return Source(**(plain | given))


def test_the_badge_says_when_the_gate_closed_after_the_numbers_were_published():
    found = badge(source(newest_verdict="BLOCK"))
    assert found.is_stale
    assert "last proven numbers" in found.title
    assert "Publication 7" in found.detail


def test_the_badge_names_the_facilities_that_were_held_back():
    found = badge(
        source(verdict="HOLD", newest_verdict="HOLD", held_facilities=["LGH"])
    )
    assert "LGH" in found.title


def test_the_month_before_january_is_december():
    assert month_before(date(2026, 1, 1)) == date(2025, 12, 1)
    assert month_before(date(2026, 3, 1)) == date(2026, 2, 1)


def rung(**given):
    plain = dict.fromkeys(field.name for field in fields(Rung))
    amounts = {name: Decimal(0) for name in plain if name.endswith("_margin_amount")}
    zero = {"net_revenue_amount": Decimal(0), "case_count": 40, "discharge_count": 20}
    return Rung(**(plain | amounts | zero | given))


def test_without_a_drg_there_is_no_case_mix_index():
    tile = {each.name: each.value for each in tiles([rung()])}
    assert tile["Case mix index"] == "\N{EN DASH}"
    weighed = tiles([rung(drg_weight_total=Decimal(31))])
    assert {each.name: each.value for each in weighed}["Case mix index"] == "1.55"
