"""Ten thousand ledger lines and stock moves in a sandbox ERP, in a second.

Tryton takes minutes to post so many. What it has written itself is copied in its
database, a row many times: the same columns under new ids, some of them with the same
stamp, as rows of one transaction have. Tryton reads them like all others.
"""

import psycopg
from psycopg import sql

ROWS = 10_000
TABLES = {"account.move.line": "account_move_line", "stock.move": "stock_move"}
STAMPED_ALIKE = 7
COPY = """
insert into {table} ({columns}, create_date, write_date)
select
    {columns}, create_date,
    coalesce(write_date, create_date) - copy / {alike} * interval '1 second'
from {table} cross join generate_series(1, {copies}) as copy
"""


def multiply(database_url):
    """Copy the rows of the ERP; return how many of each model it has then."""
    with psycopg.connect(database_url) as connection:
        return {
            model: _multiplied(connection, table) for model, table in TABLES.items()
        }


def _multiplied(connection, table):
    name = sql.Identifier(table)
    counted = sql.SQL("select count(*) from {}").format(name)
    [there] = connection.execute(counted).fetchone()
    columns = connection.execute(
        "select column_name from information_schema.columns where table_name = %s "
        "and column_name not in ('id', 'create_date', 'write_date')",
        [table],
    ).fetchall()
    connection.execute(
        sql.SQL(COPY).format(
            table=name,
            columns=sql.SQL(", ").join(sql.Identifier(column) for (column,) in columns),
            alike=sql.Literal(STAMPED_ALIKE),
            copies=sql.Literal(ROWS // there),
        )
    )
    return connection.execute(counted).fetchone()[0]
