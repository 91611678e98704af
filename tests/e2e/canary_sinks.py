"""Search what a run left behind for values that identify a patient."""

import base64
import gzip
import shutil
import subprocess
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

import psycopg
from psycopg import sql

RELATIONS = """
    select n.nspname, c.relname,
        array_agg(a.attname::text order by a.attnum),
        array_agg(a.atttypid = 'bytea'::regtype order by a.attnum)
    from pg_class as c
    inner join pg_namespace as n on n.oid = c.relnamespace
    inner join pg_attribute as a on a.attrelid = c.oid
    where c.relkind in ('r', 'v', 'm', 'p', 'f')
        and n.nspname !~ '^(pg_|information_schema)'
        and a.attnum > 0 and not a.attisdropped
    group by n.nspname, c.relname
"""


@dataclass(frozen=True)
class Canaries:
    """Values by what they are, and how they are recognised in bytes."""

    values: dict[str, list[str]]

    def found_in(self, content: bytes) -> list[str]:
        """Name what stands in some bytes: plain, in any case, base64, URL-encoded."""
        lowered = content.lower()
        return [
            kind
            for kind, values in self.values.items()
            if any(
                needle in (content if is_exact else lowered)
                for value in values
                for needle, is_exact in _needles(value)
            )
        ]


def _needles(value):
    """Yield what to look for, and whether upper and lower case matter."""
    for form in {value, quote(value, safe=""), quote_plus(value)}:
        yield form.lower().encode(), False
    for form in {value, value.lower(), value.upper()}:
        for before in range(3):
            coded = base64.b64encode(bytes(before) + form.encode())
            first, spare = (0, 2, 3)[before], (before + len(form)) % 3
            whole = coded[first : -4 if spare else None]
            yield whole, True
            yield whole.replace(b"+", b"-").replace(b"/", b"_"), True


def in_files(canaries, folder, without=()):
    """Yield a sentence a file and canary, below a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        if any(path.is_relative_to(other) for other in without):
            continue
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        for kind in canaries.found_in(str(path).encode() + b"\n" + content):
            yield f"{path.relative_to(folder)}: {kind}"


def in_pdf(canaries, path):
    """Name what stands in the text of a PDF, whose bytes are compressed glyphs."""
    program = shutil.which("pdftotext")
    assert program, "pdftotext is not installed (Debian: apt-get install poppler-utils)"
    told = subprocess.run(
        [program, "-layout", str(path), "-"], check=True, capture_output=True
    )
    assert told.stdout.strip()
    return canaries.found_in(told.stdout)


def in_database(canaries, dsn, is_searched):
    """Yield a sentence a column and canary, of the schemas that are searched."""
    with psycopg.connect(dsn) as connection:
        for schema, relation, columns, are_bytes in connection.execute(RELATIONS):
            if not is_searched(schema):
                continue
            for column, content in _columns(
                connection, (schema, relation), columns, are_bytes
            ):
                for kind in canaries.found_in(content):
                    yield f"{schema}.{relation}.{column}: {kind}"


def _columns(connection, relation, columns, are_bytes):
    """Yield the name and all values of each column."""
    as_text = [
        sql.SQL("string_agg({}, E'\\n')").format(
            sql.SQL("encode({}, 'escape')" if is_bytes else "{}::text").format(
                sql.Identifier(column)
            )
        )
        for column, is_bytes in zip(columns, are_bytes, strict=True)
    ]
    query = sql.SQL("select {} from {}").format(
        sql.SQL(", ").join(as_text), sql.Identifier(*relation)
    )
    [row] = connection.execute(query).fetchall()
    for column, text in zip(columns, row, strict=True):
        yield column, (text or "").encode()
