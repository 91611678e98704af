"""Files, folders and models stay small enough to read in one go."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = sorted(
    path
    for folder in ("include", "dags", "plugins", "tests", "docs")
    for path in (ROOT / folder).rglob("*.py")
)
PACKAGES = sorted({p.parent for p in (ROOT / "include").rglob("__init__.py")})
MODELS = sorted((ROOT / "dbt_project" / "models").rglob("*.sql"))
FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}


def named(paths):
    return [pytest.param(p, id=str(p.relative_to(ROOT))) for p in paths]


def lines(path):
    return len(path.read_text().splitlines())


@pytest.mark.parametrize("path", named(PYTHON))
def test_a_python_file_has_at_most_300_lines(path):
    assert lines(path) <= 300


def functions(tree):
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def own_length(function):
    """Lines of a function without those of the functions inside it."""
    start = min([function.lineno, *(d.lineno for d in function.decorator_list)])
    inside = sum(own_length(node) for node in functions(function)[1:])
    return function.end_lineno - start + 1 - inside


@pytest.mark.parametrize("path", named(p for p in PYTHON if "tests" not in p.parts))
def test_a_function_has_at_most_40_lines(path):
    for function in functions(ast.parse(path.read_text())):
        length = own_length(function)
        assert length <= 40, f"{function.name} has {length} lines"


@pytest.mark.parametrize("package", named(PACKAGES))
def test_a_package_has_at_most_8_modules(package):
    modules = [p.name for p in package.glob("*.py") if p.name != "__init__.py"]
    assert len(modules) <= 8, modules


@pytest.mark.parametrize("path", named(p for p in PYTHON if "include" in p.parts))
def test_a_module_is_named_for_what_it_holds(path):
    assert not FORBIDDEN & {path.stem, path.parent.name}


@pytest.mark.parametrize("path", named(p for p in PYTHON if "tests" not in p.parts))
def test_a_module_says_what_it_owns(path):
    assert ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize("path", named(MODELS))
def test_a_dbt_model_has_at_most_120_lines(path):
    assert lines(path) <= 120


def test_there_is_something_to_measure():
    assert PYTHON
    assert PACKAGES
    assert MODELS
