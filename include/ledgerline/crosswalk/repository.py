"""Write the reference tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from ledgerline.crosswalk.csv_file import ReferenceInvalid, Row
from ledgerline.crosswalk.table import ReferenceTable
from ledgerline.store.engine import Connection, connect


def replace(
    dsn: str, folder: Path, contents: Mapping[ReferenceTable, list[Row]]
) -> int:
    """Replace the content of every table in one transaction; return the rows."""
    with connect(dsn) as connection, connection.transaction():
        for table, rows in contents.items():
            try:
                _replace_table(connection, table, rows)
            except (psycopg.DataError, psycopg.IntegrityError) as error:
                raise ReferenceInvalid(
                    f"{folder / table.file_name} does not fit its table: "
                    f"{error.diag.message_primary}"
                ) from error
    return sum(len(rows) for rows in contents.values())


def _replace_table(
    connection: Connection, table: ReferenceTable, rows: list[Row]
) -> None:
    target = sql.Identifier("reference", table.name)
    connection.execute(sql.SQL("delete from {}").format(target))
    statement = sql.SQL("insert into {} ({}) values ({})").format(
        target,
        sql.SQL(", ").join(map(sql.Identifier, table.columns)),
        sql.SQL(", ").join([sql.Placeholder()] * len(table.columns)),
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
