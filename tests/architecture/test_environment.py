"""What is installed makes no process of the product wait."""

import importlib.util


def test_jsonschema_compiles_no_grammar_when_airflow_or_dbt_imports_it():
    assert importlib.util.find_spec("jsonschema")
    assert not importlib.util.find_spec("rfc3987_syntax"), "see pyproject.toml, tool.uv"
