"""Published relations follow the shape of their models."""

from decimal import Decimal

import psycopg
import pytest

from ledgerline.publication.publication import ColumnChanged
from tests.integration.publication.candidates import CHARGE, FEES, MORE

pytestmark = pytest.mark.integration


def test_an_added_column_publishes_without_hand_work(warehouse):
    warehouse.build(FEES)
    warehouse.publish()
    warehouse.build(FEES)
    warehouse.execute(
        "alter table candidate_conformed.fct_fee add column payer text default 'BCBS'"
    )
    warehouse.publish()
    assert warehouse.read("conformed.fct_fee")[0] == (
        "f1",
        "MVH",
        Decimal(10),
        "BCBS",
    )


def test_a_dropped_column_leaves_the_view_and_stays_in_history(warehouse):
    warehouse.build(FEES)
    warehouse.publish()
    warehouse.execute(
        "create role reporting; grant select on conformed.fct_fee to reporting"
    )
    warehouse.execute(
        "alter table candidate_conformed.fct_fee drop column facility_code"
    )
    warehouse.publish()
    assert warehouse.read("conformed.fct_fee")[0] == ("f1", Decimal(10))
    assert warehouse.execute(
        "select distinct facility_code from published.conformed__fct_fee "
        "where published_to is not null order by 1"
    ) == [("LGH",), ("MVH",)]
    assert warehouse.execute(
        "select has_table_privilege('reporting', 'conformed.fct_fee', 'select')"
    ) == [(True,)]
    warehouse.execute("drop owned by reporting; drop role reporting")


def test_a_wider_type_takes_its_history_along(warehouse):
    warehouse.build(FEES)
    warehouse.publish()
    warehouse.execute(
        "alter table candidate_conformed.fct_fee alter column amount type numeric(20,4)"
    )
    warehouse.publish()
    assert warehouse.execute(
        "select format_type(atttypid, atttypmod) from pg_attribute "
        "where attrelid = 'conformed.fct_fee'::regclass and attname = 'amount'"
    ) == [("numeric(20,4)",)]


def test_a_type_that_would_lose_history_is_refused_by_name(warehouse):
    warehouse.build([("f1", "MVH", "10.25")])
    warehouse.publish()
    warehouse.execute(
        "alter table candidate_conformed.fct_fee alter column amount type integer"
    )
    with pytest.raises(ColumnChanged, match=r"conformed\.fct_fee\.amount"):
        warehouse.publish()
    assert warehouse.read("conformed.fct_fee")[0][2] == Decimal("10.25")


def test_a_model_that_is_no_longer_published_disappears_for_readers(warehouse):
    warehouse.build(FEES)
    warehouse.publish()
    warehouse.describe(CHARGE)
    count = warehouse.publish().row_counts["marts.margin"]
    assert (count.shown, count.closed) == (0, 2)
    with pytest.raises(psycopg.errors.UndefinedTable):
        warehouse.read("marts.margin")


def test_views_carry_the_descriptions_and_the_zone_s_grants(warehouse):
    warehouse.build(FEES)
    warehouse.publish()
    assert warehouse.execute(
        "select obj_description('conformed.fct_fee'::regclass), "
        "col_description('conformed.fct_fee'::regclass, 1)"
    ) == [("One row per fee", "Key of the fee")]
    rights = "select has_table_privilege(%s, %s, 'select')"
    for role, relation, expected in [
        ("ledgerline_analyst", "conformed.fct_fee", True),
        ("ledgerline_analyst", "marts.margin", True),
        ("ledgerline_executive", "marts.margin", True),
        ("ledgerline_executive", "conformed.fct_fee", False),
        ("ledgerline_analyst", "published.conformed__fct_fee", False),
        ("ledgerline_analyst", "candidate_conformed.fct_fee", False),
        ("ledgerline_poster", "ops.gate_decision", True),
        ("ledgerline_build", "ops.gate_decision", False),
    ]:
        assert warehouse.execute(rights, [role, relation]) == [(expected,)], role


def test_an_unchanged_view_is_not_touched(warehouse):
    warehouse.build(FEES)
    warehouse.publish()
    mark = "select oid, xmin from pg_class where oid = 'conformed.fct_fee'::regclass"
    before = warehouse.execute(mark)
    warehouse.build(MORE)
    warehouse.publish()
    assert warehouse.execute(mark) == before
