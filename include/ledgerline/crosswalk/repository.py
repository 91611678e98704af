"""Write the reference tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from ledgerline.crosswalk.csv_file import ReferenceInvalid, Row
from ledgerline.crosswalk.table import ReferenceTable
from ledgerline.store.engine import Connection, connect

# What crosswalk.csv says from a day on that lies in the period of an approved change.
_CONTRADICTION = """
select
    listed.code_set, listed.source_system, listed.facility_code, listed.native_code,
    listed.canonical_code, listed.valid_from, approved.canonical_code,
    approved.changeset_id
from reference.crosswalk as listed
inner join reference.mapping as approved
    using (code_set, source_system, facility_code, native_code)
where
    approved.changeset_id is not null
    and listed.canonical_code <> approved.canonical_code
    and listed.valid_from >= approved.valid_from
    and listed.valid_from < coalesce(approved.valid_to, 'infinity'::date)
order by 1, 2, 3, 4, 6
limit 1
"""

# PostgreSQL takes NaN for a number, and for one that is greater than every other.
_NUMBERS = """
select column_name from information_schema.columns
where
    table_schema = 'reference'
    and table_name = %s
    and data_type = 'numeric'
order by ordinal_position
"""


def replace(
    dsn: str, folder: Path, contents: Mapping[ReferenceTable, list[Row]]
) -> int:
    """Replace the content of every table in one transaction; return the rows."""
    with connect(dsn) as connection, connection.transaction():
        connection.execute("lock table reference.crosswalk in share row exclusive mode")
        for table, rows in contents.items():
            try:
                _replace_table(connection, table, rows)
            except (psycopg.DataError, psycopg.IntegrityError) as error:
                raise ReferenceInvalid(
                    f"{folder / table.file_name} does not fit its table: "
                    f"{error.diag.message_primary}"
                ) from error
            _refuse_no_number(connection, table, folder)
        _refuse_contradiction(connection, folder)
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


def _refuse_no_number(
    connection: Connection, table: ReferenceTable, folder: Path
) -> None:
    for (column,) in connection.execute(_NUMBERS, [table.name]).fetchall():
        statement = sql.SQL("select from {} where {} = 'NaN' limit 1").format(
            sql.Identifier("reference", table.name), sql.Identifier(column)
        )
        if connection.execute(statement).fetchone() is not None:
            raise ReferenceInvalid(
                f"{folder / table.file_name} does not fit its table: {column} is NaN "
                "in some row; write a number, or nothing where it may be left out"
            )


def _refuse_contradiction(connection: Connection, folder: Path) -> None:
    found = connection.execute(_CONTRADICTION).fetchone()
    if found:
        *code, listed, since, approved, number = found
        raise ReferenceInvalid(
            f"{folder / 'crosswalk.csv'}: {' / '.join(code)} means {listed} from "
            f"{since} on, and changeset {number}, which is approved, says {approved}; "
            "take the row out and propose the change instead"
        )
