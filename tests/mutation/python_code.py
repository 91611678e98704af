"""Mutants of Python functions: the code of the function is swapped where it stands."""

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum

from tests.mutation.mutant import Mutant

COMPARED = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
REPLACED = {
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
JUDGED = (ast.Compare, ast.BoolOp, ast.UnaryOp)


def mutants(function: Callable) -> Iterator[Mutant]:
    """Yield every mutant of a function or method."""
    written = ast.parse(textwrap.dedent(inspect.getsource(function)))
    sites = len(list(_changes(written.body[0], function)))
    for site in range(sites):
        made = copy.deepcopy(written)
        (defined,) = made.body
        node, change = list(_changes(defined, function))[site]
        before = ast.unparse(node)
        change()
        name = f"{function.__qualname__}: {before} => {ast.unparse(node)}"
        yield Mutant(name=name, alive=_swap(function, made))


def _swap(function, made):
    @contextmanager
    def alive():
        made.body[0].decorator_list = []
        room = dict(function.__globals__)
        tree = ast.fix_missing_locations(made)
        exec(compile(tree, function.__code__.co_filename, "exec"), room)
        kept = function.__code__
        function.__code__ = room[made.body[0].name].__code__
        try:
            yield
        finally:
            function.__code__ = kept

    return alive


def _changes(defined, function):
    """The nodes of the body, each with what can be done to it."""
    body = defined.body[1:] if ast.get_docstring(defined) else defined.body
    for statement in body:
        for node in ast.walk(statement):
            for change in (
                *_of_operators(node),
                *_of_values(node, function),
                *_of_branches(node),
            ):
                yield node, change


def _of_operators(node):
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARED:
        yield lambda: node.ops.__setitem__(0, COMPARED[type(node.ops[0])]())
    elif isinstance(node, ast.BoolOp | ast.BinOp) and type(node.op) in REPLACED:
        yield lambda: setattr(node, "op", REPLACED[type(node.op)]())
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in NAMES:
        yield lambda: setattr(node.func, "id", NAMES[node.func.id])


def _of_values(node, function):
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield lambda: setattr(node, "value", not node.value)
        elif isinstance(node.value, int | float):
            yield lambda: setattr(node, "value", node.value + 1)
        elif isinstance(node.value, str) and node.value.isidentifier():
            yield lambda: setattr(node, "value", node.value + "x")
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        kind = function.__globals__.get(node.value.id)
        if isinstance(kind, type) and issubclass(kind, Enum):
            members = list(kind.__members__)
            after = members[(members.index(node.attr) + 1) % len(members)]
            yield lambda: setattr(node, "attr", after)


def _of_branches(node):
    if isinstance(node, ast.If | ast.IfExp) and not isinstance(node.test, JUDGED):
        yield lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        # bool() twice over: what "not" was in front of.
        yield lambda: setattr(node, "operand", ast.UnaryOp(ast.Not(), node.operand))
    elif isinstance(node, ast.Continue):
        yield lambda: setattr(node, "__class__", ast.Break)
