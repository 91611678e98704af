"""The dbt manifest says what is published; the hash says which rows."""

import json

import pytest

from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.quality.relation import (
    RelationHash,
    data_hash,
    data_tests,
    published_relations,
    read_manifest,
)


def model(name="fct_charge", schema="candidate_conformed", meta=None, **more):
    meta = {"published": True, "key": ["charge_id"]} if meta is None else meta
    return {
        "resource_type": "model",
        "schema": schema,
        "name": name,
        "config": {"meta": meta},
        **more,
    }


def manifest(*nodes):
    return {"nodes": {f"model.l.{i}": node for i, node in enumerate(nodes)}}


def test_only_published_models_count_and_come_in_lock_order():
    found = published_relations(
        manifest(
            model("b", "candidate_marts"),
            model("stg_x", "staging", meta={}),
            model("z"),
            model("a"),
        )
    )
    assert [r.label for r in found] == ["conformed.a", "conformed.z", "marts.b"]


def test_meta_is_read_beside_config_too():
    old = model(meta={}) | {"meta": {"published": True, "key": ["charge_id"]}}
    (found,) = published_relations(manifest(old))
    assert found.key == ("charge_id",)
    assert found.table == "conformed__fct_charge"


def test_the_alias_is_the_name():
    (found,) = published_relations(manifest(model(alias="fct_fee")))
    assert found.label == "conformed.fct_fee"


@pytest.mark.parametrize(
    ("nodes", "word"),
    [
        ([model(schema="staging")], "candidate_"),
        ([model(meta={"published": True})], "key"),
        ([model(meta={"published": True, "key": []})], "key"),
        ([model(), model()], "two dbt models"),
    ],
)
def test_a_model_that_cannot_be_published_is_refused_by_name(nodes, word):
    with pytest.raises(ConfigurationInvalid, match="fct_charge") as refused:
        published_relations(manifest(*nodes))
    assert word in str(refused.value)


def test_a_missing_or_broken_manifest_says_what_to_do(tmp_path):
    broken = tmp_path / "manifest.json"
    with pytest.raises(ConfigurationInvalid, match="build the warehouse first"):
        read_manifest(broken)
    broken.write_text("{")
    with pytest.raises(ConfigurationInvalid, match="build the warehouse first"):
        read_manifest(broken)
    broken.write_text(json.dumps({"nodes": {}}))
    assert read_manifest(broken) == {"nodes": {}}


def test_data_tests_come_with_their_severity():
    nodes = {
        "test.l.a": {"resource_type": "test", "config": {"severity": "WARN"}},
        "test.l.b": {"resource_type": "test", "config": {}},
        "model.l.c": model(),
    }
    assert data_tests({"nodes": nodes}) == {"test.l.a": "warn", "test.l.b": "error"}


def hashed(**change):
    facts = {"label": "a", "columns": {"x": "text"}, "row_count": 2, "row_sum": 7}
    return RelationHash(**(facts | change))


def test_the_data_hash_ignores_the_order_of_relations():
    assert data_hash([hashed(), hashed(label="b")]) == data_hash(
        [hashed(label="b"), hashed()]
    )


@pytest.mark.parametrize(
    "change",
    [
        {"label": "b"},
        {"columns": {"x": "date"}},
        {"columns": {"y": "text"}},
        {"row_count": 3},
        {"row_sum": 8},
    ],
)
def test_the_data_hash_changes_with_shape_size_and_rows(change):
    assert data_hash([hashed()]) != data_hash([hashed(**change)])
