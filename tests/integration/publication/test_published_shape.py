"""Published relations follow the shape of their models."""

from decimal import Decimal

import psycopg
import pytest

from ledgerline.publication.history import revert
from ledgerline.publication.publication import ColumnChanged, ViewInUse
from tests.integration.publication.candidates import CHARGE, FEES, MARGIN, MORE, model

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


def test_a_renamed_column_publishes_its_values_under_the_new_name(warehouse):
    """Also when the new name stands where the old one stood in the order of names."""
    warehouse.build(FEES)
    warehouse.publish()
    warehouse.build(FEES)
    warehouse.execute(
        "alter table candidate_conformed.fct_fee rename column amount to amount_usd"
    )
    warehouse.publish()
    assert warehouse.execute(
        "select fee_id, amount_usd from conformed.fct_fee order by fee_id"
    ) == [("f1", 10), ("f2", 20), ("f3", 30)]
    assert warehouse.execute(
        "select sum(amount), sum(amount_usd) from conformed_history.fct_fee"
    ) == [(60, 60)]


def test_another_key_publishes_without_hand_work(warehouse):
    two_lines = model("candidate_conformed", "fct_fee", ["fee_id", "amount"], {})
    warehouse.describe(two_lines, MARGIN)
    warehouse.build([*FEES, ("f1", "MVH", 99)])
    first = warehouse.publish()
    warehouse.describe(CHARGE, MARGIN)
    warehouse.build(FEES)
    warehouse.publish()
    assert len(warehouse.read("conformed.fct_fee")) == 3
    revert(warehouse.dsn, first.publication_id, by="c.ops")
    assert len(warehouse.read("conformed.fct_fee")) == 4
    warehouse.build(MORE)
    warehouse.publish()
    assert [row[0] for row in warehouse.read("conformed.fct_fee")] == [
        *("f1", "f3", "f4", "f5"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        "rename column amount to fee_amount",
        "drop column facility_code",
        "add column payer text default 'BCBS'",
        "alter column amount type numeric(20,4)",
    ],
)
def test_a_revert_over_a_change_of_shape_shows_the_relations_of_before(
    warehouse, change
):
    warehouse.build(FEES)
    first = warehouse.publish()
    before = {name: described(warehouse, name) for name in SHOWN}
    rows = {name: warehouse.read(name) for name in SHOWN}
    warehouse.build(MORE)
    warehouse.execute(f"alter table candidate_conformed.fct_fee {change}")
    warehouse.describe(CHARGE)
    warehouse.publish()
    assert warehouse.read("conformed.fct_fee") != rows["conformed.fct_fee"]
    revert(warehouse.dsn, first.publication_id, by="c.ops")
    assert {name: warehouse.read(name) for name in SHOWN} == rows
    assert {name: described(warehouse, name) for name in SHOWN} == before
    warehouse.describe(CHARGE, MARGIN)
    warehouse.publish()
    assert len(warehouse.read("conformed.fct_fee")) == len(MORE)


SHOWN = ("conformed.fct_fee", "marts.margin")


def described(warehouse, relation):
    """The columns of a view with their comments, and who may read it."""
    columns = warehouse.execute(
        "select attname, col_description(attrelid, attnum) from pg_attribute "
        "where attrelid = %s::regclass and attnum > 0 order by attnum",
        [relation],
    )
    readers = warehouse.execute(
        "select distinct pg_get_userbyid(grantee), privilege_type "
        "from pg_class, aclexplode(relacl) where oid = %s::regclass order by 1, 2",
        [relation],
    )
    return columns, readers


def test_grants_of_every_kind_and_options_outlive_a_change_of_columns(warehouse):
    warehouse.build(FEES)
    warehouse.publish()
    warehouse.execute(
        "create role reporting; create role auditing;"
        "grant select on conformed.fct_fee to reporting with grant option;"
        "grant select (fee_id, facility_code) on conformed.fct_fee to auditing;"
        "revoke select on conformed.fct_fee from ledgerline_analyst;"
        "alter view conformed.fct_fee set (security_barrier = true)"
    )
    try:
        warehouse.build(FEES)
        warehouse.execute(
            "alter table candidate_conformed.fct_fee drop column facility_code;"
            "alter table candidate_conformed.fct_fee "
            "alter column amount type numeric(20,4)"
        )
        warehouse.publish()
        may = "select has_{}_privilege(%s, 'conformed.fct_fee', {}%s)"
        table, column = may.format("table", ""), may.format("column", "'fee_id', ")
        for query, role, privilege, expected in [
            (table, "reporting", "select with grant option", True),
            (table, "auditing", "select", False),
            (column, "auditing", "select", True),
            (table, "ledgerline_analyst", "select", False),
        ]:
            assert warehouse.execute(query, [role, privilege]) == [(expected,)], role
        assert warehouse.execute(
            "select reloptions from pg_class where oid = 'conformed.fct_fee'::regclass"
        ) == [(["security_barrier=true"],)]
    finally:
        warehouse.execute("drop owned by reporting, auditing")
        warehouse.execute("drop role reporting, auditing")


def test_a_view_that_reads_a_relation_is_named_before_its_columns_change(warehouse):
    warehouse.build(FEES)
    warehouse.publish()
    warehouse.execute(
        "create view public.fees_of_mvh as "
        "select * from conformed.fct_fee where facility_code = 'MVH'"
    )
    warehouse.build(FEES)
    warehouse.execute("alter table candidate_conformed.fct_fee add column payer text")
    warehouse.publish()
    warehouse.build(FEES)
    with pytest.raises(ViewInUse, match=r"read by public\.fees_of_mvh; drop"):
        warehouse.publish()
    warehouse.execute("drop view public.fees_of_mvh")
    warehouse.publish()


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
        ("ledgerline_executive", "marts.margin", False),
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
