"""Landing compared with a raw COPY of the same bytes, in CPU-seconds of one run.

`python bench/landing.py` starts an embedded PostgreSQL of its own, makes files from
the sandbox's FHIR extract and prints ratios: client process plus every process of the
server. Nothing of it is left behind.
"""

import gzip
import hashlib
import importlib.util
import secrets
import shutil
import socket
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import contextmanager
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "include"))

import msgspec
import psutil
import psycopg

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.connectors import ehr_folder
from ledgerline.connectors.folder import FolderSource
from ledgerline.connectors.formats.record import Record
from ledgerline.landing.land import land
from ledgerline.runtime.postgres import EmbeddedPostgres
from ledgerline.store.migrate import migrate

EXTRACT = ROOT / "include" / "sandbox" / "extract"
MEGABYTE = 1024 * 1024
SIZE = 24 * MEGABYTE
ROUNDS = 3
COPY = "from stdin (format csv, quote e'\\x01', delimiter e'\\x02')"
INLINE = "with (toast_tuple_target = 8160)"
"""How the product's records are stored: bodies up to a page are not compressed."""


class Head(msgspec.Struct):
    """What a record needs of a resource."""

    resourceType: str
    id: str


HEAD = msgspec.json.Decoder(Head)


def heads(content):
    """Yield records without checking the resources: the mechanism's own cost."""
    decode, sha256 = HEAD.decode, hashlib.sha256
    offset, rest = 0, b""
    for chunk in content():
        *whole, rest = (rest + chunk).split(b"\n")
        for text in whole:
            head = decode(text)
            yield Record(
                resource_type=head.resourceType,
                resource_id=head.id,
                content_sha256=sha256(text).digest(),
                byte_offset=offset,
                byte_length=len(text),
                body=text,
            )
            offset += len(text) + 1


def unchecked(folder):
    """Return the folder as a source whose reader checks nothing."""
    return FolderSource(
        zone="bench",
        name="bench_heads",
        endpoint=endpoint(folder),
        recognise=lambda _name, _head: "heads",
        reader=lambda _format: heads,
    )


def checked(folder):
    """Return the folder as the product's FHIR source, with every check."""
    return FolderSource(
        zone="ehr",
        name="ehr_fhir",
        endpoint=endpoint(folder),
        recognise=ehr_folder.recognise,
        reader=ehr_folder.reader,
    )


def endpoint(folder):
    """Return the connection of a folder."""
    return Endpoint(conn_id="bench", conn_type="fs", extra={"path": str(folder)})


def write_files(folder, size, prefix):
    """Write NDJSON of about `size` bytes; ids begin with the prefix."""
    folder.mkdir(parents=True)
    texts = {
        path.name.split(".")[0]: gzip.decompress(path.read_bytes()).splitlines()
        for path in sorted(EXTRACT.glob("*.ndjson.gz"))
    }
    whole = sum(len(line) + 1 for found in texts.values() for line in found)
    for copy in range(max(1, round(size / whole))):
        for kind, found in texts.items():
            mark = b'"id": "%b%d-' % (prefix.encode(), copy)
            with (folder / f"{kind}.ndjson").open("ab") as stream:
                for line in found:
                    marked = line.replace(b'"id":"', b'"id": "').replace(
                        b'"id": "', mark, 1
                    )
                    stream.write(marked + b"\n")


class Server:
    """An embedded PostgreSQL, and the CPU time that all of its processes took."""

    def __init__(self, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.postgres = EmbeddedPostgres(folder, port, secrets.token_urlsafe(12))
        self.postgres.start()
        pid = (self.postgres.data / "postmaster.pid").read_text().split()[0]
        self.pid = int(pid)
        self.postgres.create_database("bench")
        self.dsn = self.postgres.dsn("bench")
        migrate(self.dsn)

    def cpu(self):
        """Return the CPU-seconds of the server so far, children that ended included."""
        postmaster = psutil.Process(self.pid)
        while True:
            children = postmaster.children()
            try:
                took = [each.cpu_times() for each in (postmaster, *children)]
            except psutil.NoSuchProcess:
                continue
            # One that ended meanwhile would be missing, or counted twice.
            if postmaster.children() == children:
                break
        ended = took[0].children_user + took[0].children_system
        return ended + sum(each.user + each.system for each in took)

    def rows(self, zone):
        """Return how many records, versions and sightings a raw zone holds."""
        count = "(select count(*) from raw_{0}.{1})"
        tables = ("record", "current_record", "version", "sighting", "vanishing")
        query = f"select {', '.join(count.format(zone, name) for name in tables)}"
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(query).fetchone()


def cost(server, action):
    """Return the CPU-seconds that an action takes, here and in the server."""
    time.sleep(0.05)
    before = time.process_time() + server.cpu()
    action()
    time.sleep(0.05)
    return time.process_time() + server.cpu() - before


def raw_copy(server, folder, stored=""):
    """COPY the bytes of the files into one jsonb column, line by line."""
    with psycopg.connect(server.dsn) as connection:
        connection.execute("drop table if exists plain")
        connection.execute(f"create table plain (body jsonb) {stored}")
        for path in sorted(folder.iterdir()):
            with (
                connection.cursor().copy(f"copy plain (body) {COPY}") as copy,
                path.open("rb") as stream,
            ):
                while block := stream.read(256 * 1024):
                    copy.write(block)


def plain_append(server, folder):
    """COPY the records with key, hash and place, without looking what is there."""
    with psycopg.connect(server.dsn) as connection:
        connection.execute("drop table if exists appended")
        connection.execute(
            "create table appended (file_id bigint, resource_type text, "
            "resource_id text, content_sha256 bytea, byte_offset bigint, "
            "byte_length integer, body jsonb)"
        )
        for path in sorted(folder.iterdir()):
            with connection.cursor().copy("copy appended from stdin") as copy:
                _append(copy, path)


def _append(copy, path):
    held, size = [], 0
    with path.open("rb") as stream:
        for record in heads(partial(iter, lambda: stream.read(256 * 1024), b"")):
            body = record.body
            if b"\\" in body:
                body = body.replace(b"\\", b"\\\\")
            held.append(
                b"1\t%b\t%b\t\\\\x%b\t%d\t%d\t%b\n"
                % (
                    record.resource_type.encode(),
                    record.resource_id.encode(),
                    record.content_sha256.hex().encode(),
                    record.byte_offset,
                    record.byte_length,
                    body,
                )
            )
            size += len(body)
            if size > 256 * 1024:
                copy.write(b"".join(held))
                held, size = [], 0
    copy.write(b"".join(held))


def measure(server, home):
    """Return the ratios of every round, by name."""
    ratios = defaultdict(list)
    land(server.dsn, unchecked(written(home, "warm", MEGABYTE)))
    for turn in range(ROUNDS):
        folder = written(home, f"r{turn}", SIZE)
        raw = cost(server, partial(raw_copy, server, folder))
        inline = cost(server, partial(raw_copy, server, folder, INLINE))
        append = cost(server, partial(plain_append, server, folder))
        first = cost(server, partial(land, server.dsn, unchecked(folder)))
        held = server.rows("bench")
        again = cost(server, partial(land, server.dsn, unchecked(folder)))
        assert server.rows("bench") == held, "an unchanged landing added rows"
        checks = cost(server, partial(land, server.dsn, checked(folder)))
        records = sum(1 for path in folder.iterdir() for _ in path.open("rb"))
        ratios["mechanism"].append(raw / first)
        ratios["inline"].append(inline / first)
        ratios["append"].append(first / append)
        ratios["again"].append(again / append)
        ratios["checks"].append(raw / checks)
        ratios["records"].append(records / first)
        ratios["checked records"].append(records / checks)
        shutil.rmtree(folder)
    return ratios


def written(home, prefix, size):
    """Return a new folder of about `size` bytes."""
    write_files(home / prefix, size, prefix)
    return home / prefix


def tell(name, found, goal, form=".2f"):
    """Print one line of the result."""
    low, middle, high = min(found), statistics.median(found), max(found)
    print(
        f"{name}: {middle:{form}} ({low:{form}} {middle:{form}} {high:{form}})  {goal}"
    )


@contextmanager
def started():
    """Yield a server and a folder for files; nothing of them is left behind."""
    home = Path(tempfile.mkdtemp(prefix="bench_landing_"))
    home.chmod(0o755)
    server = Server(home / "postgres")
    try:
        yield server, home
    finally:
        server.postgres.stop()
        shutil.rmtree(home, ignore_errors=True)


def main():
    """Run everything on a server of its own; print the ratios."""
    with started() as (server, home):
        found = measure(server, home)
    tell("landing / raw COPY, no checks", found["mechanism"], "goal >= 0.85")
    tell("landing / raw COPY stored alike, no checks", found["inline"], "")
    tell("landing / raw COPY, every FHIR check on", found["checks"], "")
    tell("first landing / plain append, cost", found["append"], "goal <= 1.70")
    tell("unchanged landing / plain append, cost", found["again"], "goal <= 1.00")
    tell("records a CPU-second, no checks", found["records"], "", ".0f")
    tell("records a CPU-second, checked", found["checked records"], "", ".0f")
    if importlib.util.find_spec("cumulus_etl") is None:
        print("cumulus-etl: not installed, not compared")


if __name__ == "__main__":
    main()
