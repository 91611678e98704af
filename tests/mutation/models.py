"""Mutants of dbt models: their compiled text, run again in the order of the test.

dbt itself runs once, for the unmutated models; its `assert_dbt` stands in for the one
that the tests import.
"""

from contextlib import contextmanager

import psycopg

from tests.mutation.mutant import Mutant
from tests.mutation.sql_text import mutations
from tests.warehouse import build

SCHEMAS = {"stg": "staging", "int": "intermediate"}
SECONDS = "20s"


class CompiledModels:
    """What dbt made of the models that a test runs, and one of them mutated."""

    def __init__(self):
        """Stand in for dbt from now on."""
        self._run_dbt = build.assert_dbt
        self._database = ""
        self._texts = {}
        build.assert_dbt = self._run

    def mutants(self, names):
        """Yield the mutants of some of the models."""
        for name in names:
            for told, mutated in mutations(self._texts[name]):
                yield Mutant(name=f"{name}: {told}", alive=self._swap(name, mutated))

    def _swap(self, name, mutated):
        @contextmanager
        def alive():
            kept = self._texts[name]
            self._texts[name] = mutated
            try:
                yield
            finally:
                self._texts[name] = kept

        return alive

    def _run(self, dsn, target, password, *arguments):
        names = arguments[arguments.index("--select") + 1 :]
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(f"set statement_timeout = '{SECONDS}'")
            if not self._texts:
                self._run_dbt(dsn, target, password, *arguments)
                self._database = connection.info.dbname
                self._texts = {name: _compiled(target, name) for name in names}
                return
            for name in names:
                text = self._texts[name].replace(
                    f'"{self._database}".', f'"{connection.info.dbname}".'
                )
                schema = SCHEMAS[name.partition("_")[0]]
                connection.execute(f"create table {schema}.{name} as {text}")


def _compiled(target, name):
    (path,) = (target / "compiled").rglob(f"{name}.sql")
    return path.read_text()
