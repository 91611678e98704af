"""Which checks passed last, in which run, and on what that rested."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ledgerline.quality.check import CheckId, Engine
from ledgerline.store.engine import Connection

# What was found stands in ops.check_result, and that the rows stood still while they
# were checked is what a decision over the same ones says.
_STANDING = """
select asked.suite, asked.check_name, known.run_id
from unnest(%(suites)s::text[], %(names)s::text[], %(bases)s::text[])
    as asked (suite, check_name, basis)
inner join ops.check_pass as known using (suite, check_name, basis)
where
    exists (
        select from ops.gate_decision as decision
        where decision.run_id = known.run_id and decision.data_hash = known.data_hash
    )
    and exists (
        select from ops.check_result as result
        where
            result.run_id = known.run_id
            and result.engine = %(engine)s
            and result.suite = known.suite
            and result.check_name = known.check_name
            and result.status = 'pass'
    )
"""
_KEEP = """
insert into ops.check_pass (suite, check_name, basis, run_id, data_hash)
select asked.suite, asked.check_name, asked.basis, %(run_id)s, %(data_hash)s
from unnest(%(suites)s::text[], %(names)s::text[], %(bases)s::text[])
    as asked (suite, check_name, basis)
order by asked.suite, asked.check_name
on conflict (suite, check_name) do update
set
    basis = excluded.basis, run_id = excluded.run_id, data_hash = excluded.data_hash
"""


def standing_passes(
    connection: Connection, bases: Mapping[CheckId, str]
) -> dict[CheckId, str]:
    """Return the checks that passed on the same basis, and the run that asked each."""
    found = connection.execute(_STANDING, {**_asked(bases), "engine": Engine.GX})
    return {
        CheckId(engine=Engine.GX, suite=suite, name=name): run_id
        for suite, name, run_id in found
    }


def keep_passes(
    connection: Connection,
    run_id: str,
    data_hash: str,
    passed: Iterable[tuple[CheckId, str]],
) -> None:
    """Keep on what basis checks passed in a run that judges the rows of this hash."""
    values = {**_asked(dict(passed)), "run_id": run_id, "data_hash": data_hash}
    connection.execute(_KEEP, values)


def _asked(bases: Mapping[CheckId, str]) -> dict[str, object]:
    return {
        "suites": [check.suite for check in bases],
        "names": [check.name for check in bases],
        "bases": list(bases.values()),
    }
