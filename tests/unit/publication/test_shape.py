"""A published relation changes its shape only when the candidate does."""

from dataclasses import replace

import pytest

from ledgerline.publication.publication import PublicationFailed
from ledgerline.publication.shape import (
    BOOKKEEPING,
    Existing,
    ViewChange,
    shape_change,
    view_change,
)
from ledgerline.quality.relation import Relation

COLUMNS = {"charge_id": "text", "amount": "numeric(18,2)"}
RELATION = Relation(
    target_schema="conformed",
    name="fct_charge",
    candidate_schema="candidate_conformed",
    key=("charge_id",),
    description="One row per charge",
    columns={"amount": "USD"},
)
PUBLISHED = Existing(
    table=COLUMNS,
    view=tuple(COLUMNS),
    has_history=True,
    key=("charge_id",),
    comments={"": "One row per charge", "amount": "USD", **BOOKKEEPING},
)


def test_the_first_publication_creates_everything():
    change = shape_change(RELATION, COLUMNS, Existing())
    assert change.creates_table
    assert change.rekeyed
    assert change.added == COLUMNS
    assert change.shows
    assert change.view_columns == tuple(COLUMNS)
    assert change.comments == {
        "": "One row per charge",
        "amount": "USD",
        **BOOKKEEPING,
    }


def test_an_unchanged_shape_needs_no_statement_at_all():
    change = shape_change(RELATION, COLUMNS, PUBLISHED)
    assert not change.creates_table
    assert not change.rekeyed
    assert (change.added, change.converted, change.comments) == ({}, {}, {})
    assert not change.shows


def test_columns_in_another_order_are_the_same_shape():
    turned = dict(reversed(COLUMNS.items()))
    assert not shape_change(RELATION, turned, PUBLISHED).shows


def test_a_new_column_comes_last_in_the_view():
    change = shape_change(RELATION, {"payer": "text", **COLUMNS}, PUBLISHED)
    assert change.added == {"payer": "text"}
    assert change.shows
    assert change.view_columns == ("charge_id", "amount", "payer")


def test_a_dropped_column_leaves_the_view_but_not_the_table():
    change = shape_change(RELATION, {"charge_id": "text"}, PUBLISHED)
    assert change.shows
    assert change.view_columns == ("charge_id",)
    assert change.added == {}
    assert change.comments == {}


def test_a_changed_type_is_converted():
    change = shape_change(RELATION, COLUMNS | {"amount": "numeric"}, PUBLISHED)
    assert change.converted == {"amount": "numeric"}


@pytest.mark.parametrize(
    ("columns", "standing", "change"),
    [
        ("ab", "ab", ViewChange.NONE),
        ("ab", "", ViewChange.EXTEND),
        ("abc", "ab", ViewChange.EXTEND),
        ("a", "ab", ViewChange.REBUILD),
        ("ba", "ab", ViewChange.REBUILD),
        ("axb", "ab", ViewChange.REBUILD),
    ],
)
def test_a_view_is_only_rebuilt_when_it_cannot_be_extended(columns, standing, change):
    assert view_change(columns, standing) is change


def test_a_relation_without_a_history_view_gets_one():
    assert shape_change(RELATION, COLUMNS, replace(PUBLISHED, has_history=False)).shows


def test_a_changed_description_changes_only_the_comment():
    known = replace(PUBLISHED, comments={"": "Old", **BOOKKEEPING})
    change = shape_change(RELATION, COLUMNS, known)
    assert not change.shows
    assert change.comments == {"": "One row per charge", "amount": "USD"}


@pytest.mark.parametrize(
    ("columns", "word"),
    [
        (COLUMNS | {"row_hash": "bytea"}, "row_hash"),
        (COLUMNS | {"published_to": "bigint"}, "published_to"),
        (COLUMNS | {"shown_during": "tstzrange"}, "shown_during"),
        ({"amount": "numeric"}, "charge_id"),
    ],
)
def test_a_candidate_that_cannot_be_published_is_refused(columns, word):
    with pytest.raises(PublicationFailed, match=word):
        shape_change(RELATION, columns, Existing())
