"""What an increment leaves as it is, and what a table of its own rows is."""

import json
import secrets

import psycopg
import pytest

from ledgerline.store.roles import set_passwords
from ledgerline.transformation.increment.standing import Outcome, Standing
from tests.warehouse.build import started_dbt

pytestmark = pytest.mark.integration

LEFT, MADE, PART = "model.ledgerline.left", "model.ledgerline.made", "model.x.part"
CODES = "source.ledgerline.reference.payer"
ERP = "source.ledgerline.raw_erp.current_record"
BILLING = "source.ledgerline.raw_billing.record"
UNCHANGED = {
    "nothing it reads changed": ([LEFT, "seed.ledgerline.drg", CODES], "", True),
    "a relation that it reads changed": ([LEFT, MADE], "", False),
    "a relation of which nothing is known": (["model.ledgerline.other"], "", False),
    "a part of unchanged relations": ([PART], "", True),
    "a kind of record of which there is news": (
        [ERP],
        "where resource_type = 'stock.move'",
        False,
    ),
    "one of its kinds of record has news": (
        [ERP],
        "resource_type = 'account.move' or resource_type = 'stock.move'",
        False,
    ),
    "a kind of record without news": ([ERP], "resource_type = 'account.move'", True),
    "records of every kind": ([ERP], "select * from raw_erp.current_record", False),
    "records of a zone without news": ([BILLING], "select 1", True),
    "visits that were folded anew": (
        ["source.ledgerline.raw_ehr.folded_visit"],
        "",
        False,
    ),
    "bookings as they were": (
        ["source.ledgerline.raw_ehr.folded_appointment"],
        "",
        True,
    ),
    "what nobody watches": (["source.ledgerline.raw_ehr.event"], "", False),
    "another day": ([LEFT], "where CURRENT_DATE >= valid_from", False),
    "what was published": ([LEFT], "from build.published_margin()", False),
    "what was asked for": ([LEFT], "from build.requisition_asked()", False),
    "what was issued": ([LEFT], "from build.stock_issued() as told", False),
}
"""Whether a node is unchanged: what it depends on, its SQL, the answer."""
PARTS = {
    "records of the scope": ([LEFT], "from build.scope as scope", True),
    "rows that the build made": ([LEFT], 'from "build"."fct_charge"', True),
    "days that changed": ([LEFT], "from build.touched as touched", True),
    "made of a part": ([LEFT, PART], "", True),
    "whole": ([LEFT, MADE], "select build.reference_id(body)", False),
}
STANDING = Standing(
    outcomes={
        LEFT: Outcome(is_part=False, is_changed=False),
        MADE: Outcome(is_part=False, is_changed=True),
        PART: Outcome(is_part=True, is_changed=False),
    },
    news=frozenset({"raw_erp.stock.move", "clock.day", "raw_ehr.folded_visit"}),
)
"""What `ask` lets dbt find."""
ASKED = """
{{%- set found = {{}} -%}}
{{%- for name, (nodes, sql) in ({cases} if execute else {{}}).items() -%}}
{{%- do found.update(
    {{name: {macro}({{'depends_on': {{'nodes': nodes}}}}, sql)}}
) -%}}
{{%- endfor -%}}
select '{{{{ tojson(found) }}}}'
"""


@pytest.fixture(scope="module")
def ask(warehouse_dsn, tmp_path_factory):
    """Let dbt answer for all cases in the middle of an increment."""
    with psycopg.connect(warehouse_dsn) as connection:
        connection.execute(
            "insert into build.outcome values (%s, false, false), (%s, false, true), "
            "(%s, true, false)",
            [LEFT, MADE, PART],
        )
        connection.execute(
            "insert into build.news values ('raw_erp', 'stock.move'), "
            "('clock', 'day'), "
            "('raw_ehr', 'folded_visit')"
        )
    password = secrets.token_urlsafe(12)
    set_passwords(warehouse_dsn, {"build": password})
    target = tmp_path_factory.mktemp("unchanged")

    def answers(macro, cases):
        given = {name: (nodes, sql) for name, (nodes, sql, _) in cases.items()}
        inline = ASKED.format(cases=json.dumps(given), macro=macro)
        told = ("compile", "--quiet", "--output", "json", "--inline", inline)
        process = started_dbt(warehouse_dsn, target, password, *told)
        output, _ = process.communicate()
        assert process.returncode == 0, output
        compiled = json.loads(output[output.index("{") : output.rindex("}") + 1])
        return json.loads(compiled["compiled"].split("'")[1])

    return answers


@pytest.mark.parametrize(
    ("macro", "cases"), [("is_unchanged", UNCHANGED), ("is_part", PARTS)]
)
def test_what_is_left_follows_from_what_it_is_made_of(ask, macro, cases):
    expected = {name: answer for name, (_, _, answer) in cases.items()}
    assert ask(macro, cases) == expected


@pytest.mark.parametrize(
    ("macro", "cases"), [("is_unchanged", UNCHANGED), ("is_part", PARTS)]
)
def test_a_plan_leaves_what_dbt_leaves(macro, cases):
    for name, (nodes, sql, expected) in cases.items():
        assert getattr(STANDING, macro)(nodes, sql) == expected, name


def test_what_changed_once_in_a_build_stays_changed():
    standing = Standing(outcomes=dict(STANDING.outcomes))
    standing.note(MADE, is_part=False, is_changed=False)
    standing.note(LEFT, is_part=False, is_changed=True)
    assert standing.outcomes[MADE].is_changed
    assert standing.outcomes[LEFT].is_changed
