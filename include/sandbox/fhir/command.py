"""The FHIR server's commands: loaded once, kept, started and stopped."""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.fhir.loading import Digests, digests, load
from sandbox.fhir.server import CLIENT, Server
from sandbox.fhir.snapshot import Snapshot
from sandbox.process import ServerFailed, write_private

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[Any]

DEFAULT_PORT = 15404


def add_commands(subparsers: Subparsers) -> None:
    """Add the FHIR server's commands to the sandbox's command line."""
    up = subparsers.add_parser("fhir-up", help="load the FHIR server and start it")
    _add_shared(up)
    up.set_defaults(run=fhir_up)
    down = subparsers.add_parser("fhir-down", help="stop the FHIR server")
    _add_shared(down)
    down.set_defaults(run=fhir_down)


def fhir_up(arguments: argparse.Namespace) -> int:
    """Make the server hold the extract, start it, and write its connection."""
    server = _server(arguments)
    if not server.python.is_file():
        raise ServerFailed(
            f"{server.python} is not there: make the FHIR server's environment first"
        )
    extract = server.folder.parent / "ehr"
    with alone(server.folder / "lock"):
        server.configure()
        told = _hold(server, extract)
        described = json.dumps(connection(server))
        write_private(server.folder / "connection.json", described)
    print(f"fhir: {told}, {server.base_url}", flush=True)
    return 0


def fhir_down(arguments: argparse.Namespace) -> int:
    """Stop the FHIR server."""
    stopped = _server(arguments).stop()
    print("fhir: stopped" if stopped else "fhir: was not running", flush=True)
    return 0


def connection(server: Server) -> dict[str, object]:
    """Describe the server as an Airflow connection."""
    return {
        "conn_type": "http",
        "schema": "http",
        "host": "127.0.0.1",
        "port": server.port,
        "extra": {
            "path": "/fhir",
            "client_id": CLIENT,
            "private_key_path": str(server.private_key),
        },
    }


def _hold(server: Server, extract: Path) -> str:
    """Load what differs from what is held; return what was done."""
    record = server.folder / "loaded.json"
    wanted = digests(extract)
    if not (record.is_file() and server.database.is_file()):
        record.unlink(missing_ok=True)
        done = _fill(server, extract, wanted)
    else:
        held = json.loads(record.read_text())
        if not server.is_running():
            server.start()
        count = load(extract, held, server.base_url, server.token)
        done = f"{count} entries loaded" if count else "kept"
    record.write_text(json.dumps(wanted))
    return done


def _fill(server: Server, extract: Path, wanted: Digests) -> str:
    """Load an empty server, from the snapshot of another home if there is one."""
    snapshot = _snapshot(server, wanted)
    with alone(snapshot.path.with_suffix(".lock")):
        server.forget()
        is_restored = snapshot.restore(server.database)
        server.start()
        if is_restored:
            return "restored"
        count = load(extract, {}, server.base_url, server.token)
        snapshot.save(server.database)
    return f"{count} entries loaded"


def _snapshot(server: Server, wanted: Digests) -> Snapshot:
    environment = server.python.parents[1]
    [installed] = environment.glob("lib/python*/site-packages/sekmet_fhir-*.dist-info")
    text = json.dumps([installed.name, sorted(wanted.items())])
    name = hashlib.sha256(text.encode()).hexdigest()[:16]
    return Snapshot(path=environment / "cache" / f"fhir_{name}.db.gz")


@contextmanager
def alone(lock_file: Path) -> Iterator[None]:
    """Keep whoever does the same at the same time waiting."""
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _add_shared(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--home", required=True, help="the state folder")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--fhir-python", default=".venv-fhir/bin/python")


def _server(arguments: argparse.Namespace) -> Server:
    home = Path(arguments.home).resolve()
    return Server(
        folder=home / "sandbox" / "fhir",
        logs=home / "logs",
        port=arguments.port,
        # Not resolved: the link is what makes it the environment's interpreter.
        python=Path(arguments.fhir_python).absolute(),
    )
