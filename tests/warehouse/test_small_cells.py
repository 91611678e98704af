"""No page tells of 10 cases or fewer to who sees no cases, whatever is subtracted."""

from collections import defaultdict
from itertools import combinations

import numpy as np
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row
from scipy.optimize import linprog

from ledgerline.board_pack.suppression import is_small
from ledgerline.operations.lines import access
from ledgerline.store.roles import open_directors
from tests.warehouse.publishing import copied

pytestmark = pytest.mark.integration

NAME, SECRET = "rosa", "a-password-of-this-test"
ATOMS = """
    select
        service_month, service_line_code as line, payer_class as payer,
        facility_code as facility, encounter_count as cases
    from marts.service_line_profitability
    where encounter_count > 0
"""
COUNTS = {
    "line": "select service_month, service_line_code as name, encounter_count as cases "
    "from marts_pooled.service_line_margin where encounter_count > 0",
    "facility": "select service_month, facility_code as name, encounter_count as cases "
    "from marts_pooled.facility_margin where encounter_count > 0",
}
"""What executives are told of how many cases there were, by what it is told."""
COUNTED = {
    "payer_reimbursement": "adjudicated_claim_count",
    "service_line_reimbursement": "adjudicated_claim_count",
    "surgical_supply": "surgical_case_count",
    "service_line_denial": "denial_count",
    "payer_denial": "denial_count",
    "denial_cause": "denial_count",
    "discharge": "discharge_count",
    "service_line_margin": "encounter_count",
    "facility_margin": "encounter_count",
}
WAYS = ("line", "payer", "facility")


def read(dsn, question):
    with psycopg.connect(dsn, row_factory=dict_row) as connection:
        return connection.execute(question).fetchall()


def as_role(dsn, role):
    return make_conninfo(dsn, options=f"-c role={role}")


@pytest.fixture(scope="module")
def warehouse(built_warehouse):
    with copied(built_warehouse.dsn, "of_few") as dsn:
        yield dsn


@pytest.fixture(scope="module")
def months(warehouse):
    """The cells of each month that are about somebody."""
    found = defaultdict(list)
    for atom in read(warehouse, ATOMS):
        found[atom["service_month"]].append(atom)
    return found


def meant(atoms, way, rows):
    """The cells that each row of a month is about; `other` is what no row names."""
    named = {row["name"] for row in rows}
    return [
        {
            number
            for number, atom in enumerate(atoms)
            if (atom[way] if atom[way] in named else "other") == row["name"]
        }
        for row in rows
    ]


def groups_of_few(atoms):
    """What must not be known: each name and crossing of names of few cases."""
    for size in (1, 2, 3):
        for ways in combinations(WAYS, size):
            found = defaultdict(set)
            for number, atom in enumerate(atoms):
                found[tuple(atom[way] for way in ways)].add(number)
            for names, numbers in found.items():
                if is_small(sum(atoms[number]["cases"] for number in numbers)):
                    yield names, numbers


def row_of(numbers, length):
    return np.array([float(number in numbers) for number in range(length)])


def audit(atoms, told):
    """Name the groups of few that somebody who was told sums of cells can work out.

    A sum of dollars is known exactly if the sums told add up to it; a count is known
    to be small if no counts that fit what was told make it larger.
    """
    equations = np.array([row_of(numbers, len(atoms)) for numbers in told])
    cases = np.array([float(atom["cases"]) for atom in atoms])
    sums = equations @ cases
    for names, numbers in groups_of_few(atoms):
        aim = row_of(numbers, len(atoms))
        solved = np.linalg.lstsq(equations.T, aim, rcond=None)[0]
        if np.allclose(equations.T @ solved, aim):
            yield names, "is a sum of what is told"
        most = linprog(
            -aim, A_eq=equations, b_eq=sums, bounds=(0, None), method="highs"
        )
        assert most.success
        if -most.fun < 11 - 1e-6:
            yield names, "is known to be few"


def told_of(warehouse, role, months):
    """The cells behind each number of cases that a role is told, by month."""
    reader = as_role(warehouse, role)
    found = defaultdict(list)
    for way, question in COUNTS.items():
        by_month = defaultdict(list)
        for row in read(reader, question):
            by_month[row["service_month"]].append(row)
        for month, rows in by_month.items():
            for row, numbers in zip(rows, meant(months[month], way, rows), strict=True):
                counted = sum(months[month][number]["cases"] for number in numbers)
                assert counted == row["cases"], (month, row)
                found[month].append(numbers)
    return found


def test_an_executive_can_work_out_no_cell_of_few_cases(warehouse, months):
    told = told_of(warehouse, "ledgerline_executive", months)
    assert set(told) == set(months)
    few = 0
    for month, atoms in months.items():
        few += len(list(groups_of_few(atoms)))
        assert list(audit(atoms, told[month])) == [], month
    assert few > 100


def test_the_audit_finds_what_the_tables_themselves_would_tell(months):
    """The control: with each line of each facility as it is, few cases are known."""
    atoms = months[max(months)]
    cells = defaultdict(set)
    for number, atom in enumerate(atoms):
        cells[atom["line"], atom["facility"]].add(number)
    whole = [set(range(len(atoms)))]
    for atom in cells.values():
        assert [*audit(atoms, [*whole, atom])] or not is_small(
            sum(atoms[number]["cases"] for number in atom)
        )
    assert len(list(audit(atoms, list(cells.values())))) > 10


def test_a_rate_is_of_a_payer_class_with_many_cases(warehouse, months):
    rates = defaultdict(list)
    for row in read(
        as_role(warehouse, "ledgerline_executive"),
        "select * from marts_pooled.payer_margin_rate",
    ):
        rates[row["service_month"], row["service_line_code"]].append(row["payer_class"])
    assert len(rates) > 10
    for (month, line), payers in rates.items():
        lines = {name for when, name in rates if when == month}
        own = [
            atom
            for atom in months[month]
            if (atom["line"] if atom["line"] in lines else "other") == line
        ]
        for payer in set(payers) - {"other"}:
            cases = sum(atom["cases"] for atom in own if atom["payer"] == payer)
            assert line == "other" or cases > 10, (month, line, payer)


@pytest.mark.parametrize("relation", COUNTED)
def test_no_row_is_of_few_cases(warehouse, relation):
    reader = as_role(warehouse, "ledgerline_executive")
    counted = COUNTED[relation]
    rows = read(reader, f"select {counted} as cases from marts_pooled.{relation}")
    assert rows
    assert [row["cases"] for row in rows if is_small(row["cases"])] == []


def test_an_item_that_is_named_was_used_in_many_encounters(warehouse):
    """Counted on the facts, and with those of other departments together."""
    [row] = read(
        warehouse,
        """
        select
            count(*) as named,
            count(*) filter (where (
                select count(distinct usage.encounter_id)
                from conformed.fct_supply_usage as usage
                where usage.item_code = cell.item_code
                    and usage.service_month = cell.service_month
            ) <= 10) as few
        from marts_pooled.supply_use as cell
        where cell.item_code <> 'other'
        """,
    )
    assert row["named"]
    assert row["few"] == 0


def test_the_sums_are_those_of_the_marts(warehouse):
    for pooled, mart, amount in [
        (
            "service_line_margin",
            "service_line_profitability",
            "operating_margin_amount",
        ),
        ("facility_margin", "service_line_profitability", "net_revenue_amount"),
        ("payer_reimbursement", "reimbursement", "allowed_amount"),
        ("service_line_reimbursement", "reimbursement", "paid_amount"),
        ("supply_use", "supply_utilization", "supply_cost"),
        ("supply_waste", "supply_waste", "waste_amount"),
        ("surgical_supply", "preference_card_variance", "standard_amount"),
        ("service_line_denial", "denials", "initial_denial_amount"),
        ("denial_cause", "denials", "open_amount"),
    ]:
        month = "submitted_month" if mart == "denials" else "service_month"
        [row] = read(
            warehouse,
            f"select (select sum({amount}) from marts_pooled.{pooled}) as shown, "
            f"(select sum({amount}) from marts.{mart} where {month} in "
            f"(select {month} from marts_pooled.{pooled})) as whole",
        )
        assert row["shown"] == row["whole"] != 0, pooled


def test_a_director_is_told_of_many_cases_of_the_line_and_of_no_other(warehouse):
    """Each line in turn; one of few cases is told of to nobody."""
    lines = read(
        warehouse,
        "select service_line_code as code, min(cases) as cases from ("
        "select service_line_code, sum(encounter_count) as cases "
        "from marts.service_line_profitability "
        "group by service_line_code, service_month"
        ") as month group by service_line_code having min(cases) > 0",
    )
    open_directors(warehouse, {NAME: SECRET})
    director = make_conninfo(warehouse, user=f"director_{NAME}", password=SECRET)
    told = few = 0
    for line in lines:
        number = access.give(warehouse, NAME, line["code"], "Ann Lee")
        access.decide(warehouse, number, "approved", "Bo Kim")
        rows = read(director, "select * from marts_pooled.service_line_margin")
        assert {row["service_line_code"] for row in rows} <= {line["code"]}
        assert not any(is_small(row["encounter_count"]) for row in rows)
        few += is_small(line["cases"])
        told += bool(rows)
        access.take(warehouse, NAME, line["code"], "Ann Lee")
    assert few
    assert told
