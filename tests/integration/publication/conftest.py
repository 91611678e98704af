"""A warehouse per module, and a fresh history per test."""

import pytest

from tests.integration.publication.candidates import Warehouse

_AFRESH = """
do $$
declare
    relation record;
begin
    for relation in
        select table_schema, table_name, table_type from information_schema.tables
        where
            table_schema in ('published', 'candidate_conformed', 'candidate_marts')
            or (table_schema in ('conformed', 'marts') and table_type = 'VIEW'
                and table_name in ('fct_fee', 'margin', 'extra'))
        order by table_type = 'VIEW' desc
    loop
        execute format('drop %s %I.%I cascade',
            case relation.table_type when 'VIEW' then 'view' else 'table' end,
            relation.table_schema, relation.table_name);
    end loop;
end;
$$;
"""


@pytest.fixture
def warehouse(warehouse_dsn, tmp_path):
    made = Warehouse(warehouse_dsn, tmp_path)
    made.execute(_AFRESH)
    made.execute(
        "set session_replication_role = replica; delete from ops.publication; "
        "delete from ops.gate_decision; delete from ops.check_result; "
        "delete from build.followed; delete from build.row_change"
    )
    return made
