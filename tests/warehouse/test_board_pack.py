"""The board pack's figures are what SQL says of the marts, and no cell is small."""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser

import psycopg
import pytest

from ledgerline.board_pack.write import NothingToShow, write_pack

pytestmark = pytest.mark.integration

MARCH = date(2026, 3, 1)
SIGNS = str.maketrans(
    {"\N{MINUS SIGN}": "-", "$": None, ",": None, "+": None, "%": None}
)


class Page(HTMLParser):
    """The tables of a page: a list of rows, each a list of the texts of its cells."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.words, self._into = [], "", None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        self._into = tag if tag in ("td", "th") else self._into
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self._into = None

    def handle_data(self, data):
        self.words += data
        if self._into:
            self.rows[-1][-1] += data

    def row(self, name, width=None):
        [found] = [r for r in self.rows if r[0] == name and len(r) == (width or len(r))]
        return found


def number(text):
    return Decimal(text.translate(SIGNS))


def whole(amount):
    return amount.quantize(Decimal(1), ROUND_HALF_UP)


@pytest.fixture(scope="module")
def written(built_warehouse, tmp_path_factory):
    return write_pack(built_warehouse.dsn, tmp_path_factory.mktemp("packs"), MARCH)


@pytest.fixture(scope="module")
def page(written):
    return Page(written.html.read_text(encoding="utf-8"))


def test_the_total_line_is_the_sum_of_the_mart(built_warehouse, page):
    [true] = built_warehouse.rows("""
        select
            sum(encounter_count) as cases,
            sum(net_revenue_amount) as net,
            sum(contribution_margin_amount) as contribution,
            sum(operating_margin_amount) as operating
        from marts.service_line_profitability
        where service_month = '2026-03-01'
    """)
    budget = built_warehouse.value("""
        select sum(budget_operating_margin_amount)
        from marts.margin_ladder
        where service_month = '2026-03-01' and dimension_name = 'service_line'
    """)
    row = page.row("Total", 8)
    assert [number(row[n]) for n in (1, 2, 3, 5, 6)] == [
        true["cases"],
        whole(true["net"]),
        whole(true["contribution"]),
        whole(true["operating"]),
        whole(true["operating"] - budget),
    ]
    rate = 100 * true["contribution"] / true["net"]
    assert number(row[4]) == rate.quantize(Decimal("0.1"), ROUND_HALF_UP)


def test_each_line_is_the_mart_and_those_of_ten_cases_or_fewer_are_not_there(
    built_warehouse, page
):
    lines = built_warehouse.rows("""
        select
            line.service_line_name as name,
            sum(mart.encounter_count) as cases,
            sum(mart.net_revenue_amount) as net,
            sum(mart.operating_margin_amount) as operating,
            sum(mart.supply_cost + mart.implant_cost + mart.drug_cost) as items
        from marts.service_line_profitability as mart
        inner join conformed.dim_service_line as line using (service_line_code)
        where mart.service_month = '2026-03-01'
        group by line.service_line_name
    """)
    small = [each for each in lines if 1 <= each["cases"] <= 10]
    large = [each for each in lines if each["cases"] > 10]
    assert small
    assert large
    for each in small:
        assert each["name"] not in page.words
    for each in large:
        row = page.row(each["name"], 8)
        assert number(row[1]) == each["cases"]
        assert number(row[2]) == whole(each["net"])
        assert number(row[5]) == whole(each["operating"])
        assert number(page.row(each["name"], 4)[2]) == whole(each["items"])


def test_each_shown_cell_has_more_than_ten_cases_and_the_rate_of_the_mart(
    built_warehouse, page
):
    [header] = [r for r in page.rows if r[0] == "Service line" and "Medicare" in r]
    shown = 0
    for row in page.rows:
        if len(row) == len(header) and row is not header and "%" in "".join(row[1:]):
            for payer, rate in zip(header[1:], row[1:], strict=True):
                if rate.endswith("%") and not row[0].startswith("Other"):
                    shown += 1
                    [true] = built_warehouse.rows(f"""
                        select
                            sum(mart.encounter_count) as cases,
                            sum(mart.contribution_margin_amount)
                            / sum(mart.net_revenue_amount) as rate
                        from marts.service_line_profitability as mart
                        inner join conformed.dim_service_line as line
                            using (service_line_code)
                        where
                            mart.service_month = '2026-03-01'
                            and line.service_line_name = '{row[0]}'
                            and mart.payer_class = '{payer.lower().replace("-", "_")}'
                    """)
                    assert true["cases"] > 10
                    assert number(rate) == whole(100 * true["rate"])
    assert shown


def test_the_facilities_are_the_ladder(built_warehouse, page):
    for each in built_warehouse.rows("""
        select distinct on (ladder.facility_code)
            facility.facility_name as name,
            ladder.encounter_count as cases,
            ladder.operating_margin_amount as operating,
            ladder.budget_operating_margin_amount as budget
        from marts.margin_ladder as ladder
        inner join conformed.dim_facility as facility using (facility_code)
        where
            ladder.dimension_name = 'facility' and ladder.service_month = '2026-03-01'
        order by ladder.facility_code, facility.valid_from desc
    """):
        row = page.row(each["name"], 7)
        assert number(row[1]) == each["cases"]
        assert number(row[4]) == whole(each["operating"])
        assert number(row[5]) == whole(each["operating"] - each["budget"])


def test_the_effects_lead_from_one_month_to_the_next(built_warehouse):
    [true] = built_warehouse.rows("""
        select
            sum(change.effect_amount) as effects,
            (
                select sum(ladder.operating_margin_amount)
                filter (where ladder.service_month = '2026-03-01')
                - sum(ladder.operating_margin_amount)
                filter (where ladder.service_month = '2026-02-01')
                from marts.margin_ladder as ladder
                where ladder.dimension_name = 'facility'
            ) as moved
        from marts.margin_change as change
        where
            change.dimension_name = 'facility' and change.service_month = '2026-03-01'
    """)
    assert true["effects"] == true["moved"]


def test_supplies_add_up_to_the_mart(built_warehouse, page):
    true = built_warehouse.value("""
        select sum(supply_cost) from marts.supply_utilization
        where service_month = '2026-03-01'
    """)
    assert number(page.row("Total", 3)[1]) == whole(true)


def test_the_page_says_which_publication_it_shows(built_warehouse, page):
    number_shown = built_warehouse.value(
        "select max(publication_id) from marts_history.publication"
    )
    assert f"Publication {number_shown}, data as of" in page.words


def test_the_same_month_makes_the_same_page_and_is_not_printed_again(
    built_warehouse, written
):
    before = written.html.stat().st_mtime_ns, written.pdf.stat().st_mtime_ns
    again = write_pack(built_warehouse.dsn, written.html.parent, MARCH)
    assert again == written
    assert (again.html.stat().st_mtime_ns, again.pdf.stat().st_mtime_ns) == before


def test_the_pdf_has_four_pages(written):
    from weasyprint import HTML

    text = written.html.read_text(encoding="utf-8")
    assert written.pdf.read_bytes().startswith(b"%PDF-")
    assert len(HTML(string=text).render().pages) == 4


def test_the_page_needs_no_other_file(written):
    text = written.html.read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href)=["'](?!#)""", text)


def test_the_newest_month_that_is_over_is_the_default(built_warehouse, tmp_path):
    newest = built_warehouse.value("""
        select max(service_month) from marts.service_line_profitability
        where encounter_count > 0
    """)
    assert write_pack(built_warehouse.dsn, tmp_path).month == newest


def test_a_month_without_cases_has_no_pack_and_says_so(built_warehouse, tmp_path):
    with pytest.raises(NothingToShow, match="no board pack of 2019-05"):
        write_pack(built_warehouse.dsn, tmp_path, date(2019, 5, 1))
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_to_the_warehouse(built_warehouse, tmp_path):
    from ledgerline.board_pack.repository import snapshot

    with (
        snapshot(built_warehouse.dsn) as connection,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        connection.execute("create table public.left_behind ()")
