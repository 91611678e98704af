"""Mutants of the database's own rules, as the last migration leaves them."""

from contextlib import contextmanager

import psycopg

from tests.mutation.mutant import Mutant, Stillborn
from tests.mutation.sql_text import mutations

FUNCTIONS = """
select oid::regproc::text, pg_get_functiondef(oid)
from pg_proc
where oid = any(%s::regproc[]) order by 1
"""
VIEWS = """
select oid::regclass::text, pg_get_viewdef(oid)
from pg_class
where oid = any(%s::regclass[]) order by 1
"""
TRIGGERS = """
select tgrelid::regclass::text, tgname, pg_get_triggerdef(oid)
from pg_trigger
where not tgisinternal and tgfoid = any(%s::regproc[]) order by 1, 2
"""
CHECKS = """
select conrelid::regclass::text, conname, pg_get_constraintdef(oid)
from pg_constraint
where contype = 'c' and conrelid = any(%s::regclass[]) order by 1, 2
"""
STEPS = "select from_state, to_state, made_by from post.transition order by 1, 2"


def mutants(dsn, functions, relations=(), *, views=(), has_steps=False):
    """Yield mutants of functions and views, of their triggers, of relations' checks."""
    with psycopg.connect(dsn) as connection:
        for name, text in connection.execute(FUNCTIONS, [list(functions)]):
            head, quote, rest = text.partition("$function$")
            body, _, tail = rest.rpartition("$function$")
            yield from _of_text(dsn, name, head + quote, body, quote + tail)
        for name, text in connection.execute(VIEWS, [list(views)]):
            head = f"create or replace view {name} with (security_invoker) as "
            yield from _of_text(dsn, name, head, text, "")
        for table, name, text in connection.execute(TRIGGERS, [list(functions)]):
            drop = f"drop trigger {name} on {table}"
            yield _mutant(dsn, f"{table}: no trigger {name}", drop, text)
        for table, name, text in connection.execute(CHECKS, [list(relations)]):
            drop = f"alter table {table} drop constraint {name}"
            add = f"alter table {table} add constraint {name} {text}"
            yield _mutant(dsn, f"{table}: no {text}", drop, add)
        steps = connection.execute(STEPS) if has_steps else ()
        for step in steps:
            yield _without_step(dsn, step)


def _of_text(dsn, name, head, body, tail):
    for told, mutated in mutations(body):
        make, take_back = head + mutated + tail, head + body + tail
        yield _mutant(dsn, f"{name}: {told}", make, take_back)


def _without_step(dsn, step):
    before, after, made_by = step
    behind = "set session_replication_role = replica; "
    remove = f"delete from post.transition where (from_state, to_state) = {step[:2]}"
    restore = f"insert into post.transition values ('{before}', '{after}', '{made_by}')"
    name = f"post.transition: no {before} -> {after}"
    return _mutant(dsn, name, behind + remove, behind + restore)


def _mutant(dsn, name, make, take_back):
    @contextmanager
    def alive():
        try:
            _execute(dsn, make)
        except psycopg.Error as error:
            raise Stillborn(name) from error
        try:
            yield
        finally:
            _execute(dsn, take_back)

    return Mutant(name=name, alive=alive)


def _execute(dsn, statement):
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statement)
