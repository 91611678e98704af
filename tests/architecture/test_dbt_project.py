"""The dbt project keeps its layers, names, grains, keys and tags; no database."""

import re
import shutil

import pytest

from ledgerline.transformation.increment.step import step_of
from tests.dbt_manifest import PROJECT, parse, prime

MODEL_FILES = sorted((PROJECT / "models").rglob("*.sql"))
NAMES = {
    "staging": r"stg_(reference|ehr|billing|erp)__[a-z0-9_]+",
    "intermediate": r"int_[a-z0-9_]+__[a-z0-9_]+",
    "conformed": r"(dim|fct)_[a-z0-9_]+",
    "marts": r"(?!stg_|int_|dim_|fct_|out_)[a-z0-9_]+",
    "outbound": r"out_[a-z0-9_]+",
}
SCHEMAS = {
    "staging": "staging",
    "intermediate": "intermediate",
    "conformed": "candidate_conformed",
    "marts": "candidate_marts",
    "outbound": "candidate_outbound",
}
READS = {
    "staging": {"source", "staging"},
    "intermediate": {"staging", "intermediate", "seed"},
    "conformed": {"staging", "intermediate", "conformed", "seed"},
    "marts": {"conformed", "marts"},
    "outbound": {"conformed", "marts", "outbound"},
}
WRITTEN_FOR_READERS = {"conformed", "marts", "outbound"}
PHI = {"direct", "quasi", "none"}
LONGEST_NAME = 63
MOST_CTES = 7


@pytest.fixture(scope="module")
def models(manifest):
    return {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }


def layer(node):
    return node["fqn"][1] if node["resource_type"] == "model" else node["resource_type"]


def unique_keys_of(manifest, model):
    """The sets of columns that a test says are unique."""
    for node in manifest["nodes"].values():
        tested = node.get("attached_node") == model["unique_id"]
        if not tested or "test_metadata" not in node:
            continue
        kind = node["test_metadata"]["name"]
        arguments = node["test_metadata"]["kwargs"]
        if kind == "unique":
            yield {arguments["column_name"]}
        if kind == "unique_together":
            yield set(arguments["columns"])


def offenders(models, keeps_rule):
    return sorted(name for name, node in models.items() if not keeps_rule(node))


def for_readers(models):
    return {n: m for n, m in models.items() if layer(m) in WRITTEN_FOR_READERS}


def test_every_file_is_a_model_with_its_words_beside_it(models):
    assert {path.stem for path in MODEL_FILES} == set(models)
    assert not [p for p in MODEL_FILES if not p.with_suffix(".yml").exists()]


def test_names_tell_the_layer(models):
    assert not offenders(models, lambda m: re.fullmatch(NAMES[layer(m)], m["name"]))


def test_names_fit_into_the_database(models):
    def fits(model):
        return all(len(n) <= LONGEST_NAME for n in [model["name"], *model["columns"]])

    assert not offenders(models, fits)


def test_every_model_says_its_grain(models):
    assert not offenders(models, lambda m: m["description"].startswith("One row per "))


def test_every_model_has_a_tested_unique_key(manifest, models):
    assert not offenders(models, lambda m: list(unique_keys_of(manifest, m)))


def test_every_column_has_words_a_type_and_a_privacy_tag(models):
    def is_described(column):
        tag = column["config"]["meta"].get("phi")
        return column["description"] and column["data_type"] and tag in PHI

    def is_complete(model):
        columns = model["columns"].values()
        return columns and all(is_described(column) for column in columns)

    assert not offenders(models, is_complete)


def test_models_only_read_the_layers_beneath_them(manifest, models):
    known = {**manifest["nodes"], **manifest["sources"]}

    def looks_down(model):
        read = {layer(known[parent]) for parent in model["depends_on"]["nodes"]}
        return read <= READS[layer(model)]

    assert not offenders(models, looks_down)


def test_staging_and_nothing_else_reads_sources(models):
    def keeps_to_it(model):
        parents = model["depends_on"]["nodes"]
        reads_source = any(parent.startswith("source.") for parent in parents)
        return reads_source == (layer(model) == "staging")

    assert not offenders(models, keeps_to_it)


def test_every_model_lies_in_the_schema_of_its_layer(models):
    assert not offenders(models, lambda m: m["schema"] == SCHEMAS[layer(m)])


def test_what_readers_see_is_a_contract(models):
    outward = for_readers(models)
    assert not offenders(outward, lambda m: m["config"]["contract"]["enforced"])


def test_an_increment_can_be_run_without_dbt(manifest):
    built = {"model", "test"}
    assert not [
        name
        for name, node in manifest["nodes"].items()
        if node["resource_type"] in built and step_of(node, "select 1") is None
    ]


def test_what_readers_see_is_published_under_a_tested_key(manifest, models):
    def has_key(model):
        key = set(model["config"]["meta"].get("key", []))
        return key in list(unique_keys_of(manifest, model))

    outward = for_readers(models)
    unpublished = offenders(outward, lambda m: m["config"]["meta"].get("published"))
    assert unpublished == ["out_journal_event"]
    del outward["out_journal_event"]
    assert not offenders(outward, has_key)


def test_what_readers_see_keeps_its_rows_in_increments(manifest, models):
    """A table that reads the rows of an increment would hold nothing else."""
    macro = (PROJECT / "macros" / "latest_record.sql").read_text()
    tied = re.findall(r"'([^']+)'", " ".join(re.findall(r"\[([^\]]+)\]", macro)))
    sql = {path.stem: path.read_text() for path in MODEL_FILES}

    def is_part(name):
        if models[name]["config"]["materialized"] == "kept":
            return False
        if layer(models[name]) == "staging":
            return any(f"'{kind}'" in sql[name] for kind in tied) or (
                "within(" in sql[name]
            )
        parents = models[name]["depends_on"]["nodes"]
        return any(is_part(p.split(".")[2]) for p in parents if p.startswith("model."))

    assert is_part("stg_billing__claim")
    assert is_part("stg_ehr__visit")
    assert is_part("int_charge__assigned")
    assert not is_part("int_gl_entry__classified")
    published = {n for n, m in models.items() if m["config"]["meta"].get("published")}
    assert not [name for name in sorted(published) if is_part(name)]
    lists = re.findall(r"any_touched\(\s*\[([^\]]+)\]", " ".join(sql.values()))
    asked = set(re.findall(r"'(\w+)'", " ".join(lists)))
    assert "dim_item" in asked
    assert not [name for name in sorted(asked) if is_part(name)]


def test_what_an_increment_replaces_follows_from_what_it_made_before(models):
    """Of a relation that is not among its inputs, a model may come first."""

    def inputs(name):
        parents = models[name]["depends_on"]["nodes"]
        above = [p.split(".")[2] for p in parents if p.startswith("model.")]
        return {*above, *(each for parent in above for each in inputs(parent))}

    asked = set()
    for name, model in models.items():
        condition = model["config"].get("replaces") or ""
        lists = re.findall(r"touched\.relation in \(([^)]+)\)", condition)
        touched = set(re.findall(r"'(\w+)'", " ".join(lists)))
        made = set(re.findall(r"from build\.(\w+)", condition)) - {"scope", "touched"}
        assert touched | made <= inputs(name), name
        assert all(models[m]["config"]["materialized"] == "kept" for m in made), name
        asked |= touched | made
    assert {"fct_charge", "int_supply_usage__costed"} <= asked


def test_an_increment_can_know_what_a_model_reads(models):
    """Of what it reads past its inputs, nothing would tell that it changed."""
    sql = {path: path.read_text() for path in MODEL_FILES}
    named = {
        path.stem: re.findall(r"(?:from|join)\s+(\w+\.\w+)", text)
        for path, text in sql.items()
    }
    relations = {
        name: found
        for name, names in named.items()
        if (found := [each for each in names if is_schema(each)])
    }
    asked = {name for names in relations.values() for name in names}
    macro = (PROJECT / "macros" / "unchanged.sql").read_text()
    told = re.search(r"build\\\\\.\((.+?)\)", macro)[1].split("|")
    assert asked == {f"build.{name}" for name in told}
    records = r"source\('raw_\w+', '(current_record|record|sighting|vanishing)'\)"
    assert not [path.stem for path, text in sql.items() if re.search(records, text)]
    for macro in ("latest_record", "version"):
        text = (PROJECT / "macros" / f"{macro}.sql").read_text()
        assert "resource_type = '{{ resource_type }}'" in text
    assert not [n for n, m in models.items() if m["config"]["materialized"] == "view"]


def is_schema(name):
    """Whether a qualified name is of a relation, not of a column of an alias."""
    schemas = {"build", "ops", "post", "published", "reference", *SCHEMAS.values()}
    schema = name.split(".")[0]
    return schema in schemas or schema.startswith("raw_")


def test_what_marts_sum_up_is_compared_whole(manifest):
    """An increment's own rows add up to nothing that a mart says."""
    tests = {
        node["name"]: node["config"]["meta"].get("asks")
        for node in manifest["nodes"].values()
        if node["original_file_path"].startswith("tests/marts/")
    }
    assert len(tests) > 5
    assert set(tests.values()) == {"whole"}


def test_nothing_that_readers_see_names_a_patient(models):
    def is_free(model):
        tags = {column["config"]["meta"]["phi"] for column in model["columns"].values()}
        return "direct" not in tags

    assert not offenders(for_readers(models), is_free)


def test_every_fact_knows_its_facility(models):
    facts = {n: m for n, m in models.items() if n.startswith("fct_")}
    assert not offenders(facts, lambda m: "facility_code" in m["columns"])


def test_every_model_has_few_steps():
    step = re.compile(r"^(?:with )?(?:recursive )?\S+ as \($", re.M)
    steps = {path.stem: len(step.findall(path.read_text())) for path in MODEL_FILES}
    assert not [name for name, count in steps.items() if count > MOST_CTES]


def test_the_day_of_a_moment_is_the_facility_s_or_the_system_s():
    """Only macros say by whose clocks: facility_day and system_day."""
    zone = re.compile(r"at\s+time\s+zone|timezone\(|_at\)*::date\b", re.I)
    asked = [*MODEL_FILES, *(PROJECT / "tests").rglob("*.sql")]
    assert not [path.stem for path in asked if zone.search(path.read_text())]
    macros = [
        p for p in (PROJECT / "macros").rglob("*.sql") if zone.search(p.read_text())
    ]
    assert {path.stem for path in macros} == {"calendar", "casting"}


def test_the_patient_key_survives_a_full_refresh(models):
    config = models["int_patient__keyed"]["config"]
    assert config["materialized"] == "incremental"
    assert config["full_refresh"] is False


def test_a_mart_that_jumps_over_the_conformed_layer_does_not_parse(tmp_path):
    project = tmp_path / "project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    jump = project / "models" / "marts" / "profitability" / "jump.sql"
    jump.write_text("select encounter_id from {{ ref('stg_ehr__encounter') }}\n")
    prime(tmp_path / "target")
    parsed = parse(project, tmp_path / "target")
    assert parsed.returncode != 0
    assert "stg_ehr__encounter" in parsed.stdout
    assert "group" in parsed.stdout
