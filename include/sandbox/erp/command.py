"""The sandbox ERP's commands: made once, kept, started and stopped."""

from __future__ import annotations

import argparse
import hashlib
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.erp.database import MODULES, Administrator, Cluster, DumpCache
from sandbox.erp.hospital.inputs import Inputs, read
from sandbox.erp.hospital.setup import connection, integration_key, set_up
from sandbox.erp.rpc import Rpc
from sandbox.erp.server import Server
from sandbox.process import ServerFailed, write_private

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[Any]

DEFAULT_PORT = 15401


class SandboxStale(Exception):
    """The ERP was made from other inputs than those that lie in the folder."""


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """One sandbox ERP: its folder, databases, administrator and server."""

    folder: Path
    cluster: Cluster
    administrator: Administrator
    server: Server
    cache: DumpCache

    @property
    def connection_file(self) -> Path:
        """Where the product finds the ERP."""
        return self.folder / "connection.json"


def add_commands(subparsers: Subparsers) -> None:
    """Add the ERP's commands to the sandbox's command line."""
    prepare = subparsers.add_parser(
        "erp-prepare", help="make the ERP's bare database, before there is input"
    )
    _add_shared(prepare)
    prepare.add_argument("--database-url", required=True, help="postgresql://…/erp")
    prepare.set_defaults(run=erp_prepare)
    up = subparsers.add_parser("erp-up", help="set the sandbox ERP up and start it")
    _add_shared(up)
    up.add_argument("--database-url", required=True, help="postgresql://…/erp")
    up.add_argument(
        "--rebuild",
        action="store_true",
        help="drop the ERP with all that was posted to it, and make it anew",
    )
    up.set_defaults(run=erp_up)
    down = subparsers.add_parser("erp-down", help="stop the sandbox ERP")
    _add_shared(down)
    down.set_defaults(run=erp_down)


def erp_up(arguments: argparse.Namespace) -> int:
    """Make the ERP if it is not there, start it, and write its connection."""
    sandbox = _sandbox(arguments)
    inputs = read(sandbox.folder)
    name = sandbox.cluster.name
    made = _is_made(sandbox, inputs, rebuild=arguments.rebuild)
    if not made:
        sandbox.server.stop()
    sandbox.server.configure(sandbox.cluster.server_url)
    if not made:
        _make(sandbox, inputs)
    if sandbox.server.pid() is None or not sandbox.server.answers(name):
        sandbox.server.start(name)
    if not made or not sandbox.connection_file.is_file():
        with _login(sandbox, name) as rpc:
            key = integration_key(rpc)
    else:
        key = json.loads(sandbox.connection_file.read_text())["password"]
    described = json.dumps(connection(sandbox.server.port, name, key))
    write_private(sandbox.connection_file, described)
    _say(f"erp: {'kept' if made else 'made'}, {sandbox.server.url}, database {name}")
    return 0


def erp_prepare(arguments: argparse.Namespace) -> int:
    """Make the bare Tryton database, which needs none of the generator's files."""
    sandbox = _sandbox(arguments)
    sandbox.server.configure(sandbox.cluster.server_url)
    _make_base(sandbox, _base_name(sandbox.administrator))
    _say("erp: Tryton's database is prepared")
    return 0


def erp_down(arguments: argparse.Namespace) -> int:
    """Stop the ERP's server."""
    home = Path(arguments.home).resolve()
    stopped = _server(home, arguments).stop()
    _say("erp: stopped" if stopped else "erp: was not running")
    return 0


def _add_shared(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--home", required=True, help="the state folder")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--erp-python", default=".venv-erp/bin/python")


def _server(home: Path, arguments: argparse.Namespace) -> Server:
    return Server(
        folder=home / "sandbox" / "erp",
        logs=home / "logs",
        port=arguments.port,
        # Not resolved: the link is what makes it the environment's interpreter.
        python=Path(arguments.erp_python).absolute(),
    )


def _sandbox(arguments: argparse.Namespace) -> Sandbox:
    home = Path(arguments.home).resolve()
    server = _server(home, arguments)
    password = server.folder / "admin_password"
    if not password.is_file():
        write_private(password, secrets.token_urlsafe(24))
    if not server.python.is_file():
        raise ServerFailed(
            f"{server.python} is not there: make the ERP's environment first"
        )
    cluster = Cluster(url=arguments.database_url)
    return Sandbox(
        folder=server.folder,
        cluster=cluster,
        administrator=Administrator(
            python=server.python,
            configuration=server.configuration,
            password_file=password,
        ),
        server=server,
        cache=DumpCache(folder=server.python.parents[1] / "cache", cluster=cluster),
    )


def _is_made(sandbox: Sandbox, inputs: Inputs, *, rebuild: bool) -> bool:
    name = sandbox.cluster.name
    if rebuild or not sandbox.cluster.exists(name):
        return False
    if sandbox.cluster.stamp(name) == inputs.sha256:
        return True
    raise SandboxStale(
        f"database {name} was made from other inputs than {sandbox.folder}; "
        "erp-up --rebuild makes it anew and drops every document posted to it"
    )


def _make(sandbox: Sandbox, inputs: Inputs) -> None:
    """Clone the finished template, making it first if need be."""
    cluster, admin = sandbox.cluster, sandbox.administrator
    base = _base_name(admin)
    template = f"erp_template_{_hash(base, inputs.sha256, _code())}"
    work = f"{cluster.name}_setup"
    cluster.drop(work)
    if not cluster.exists(template):
        with sandbox.cache.one_at_a_time(template):
            if not sandbox.cache.restore(template, work):
                _set_up(sandbox, base, work, inputs)
                sandbox.cache.save(template, work)
        cluster.rename(work, template)
    draft = f"{cluster.name}_new"
    cluster.create(draft, template)
    admin.reset_password(draft)
    cluster.set_stamp(draft, inputs.sha256)
    cluster.rename(draft, cluster.name)


def _set_up(sandbox: Sandbox, base: str, work: str, inputs: Inputs) -> None:
    """Make the hospital in a copy of a bare database."""
    _make_base(sandbox, base)
    sandbox.cluster.create(work, base)
    sandbox.administrator.reset_password(work)
    sandbox.server.start(work)
    with _login(sandbox, work) as rpc:
        set_up(rpc, inputs, _say)
    sandbox.server.stop()


def _make_base(sandbox: Sandbox, base: str) -> None:
    """Make a bare Tryton database: from its dump, else in a minute or two."""
    if sandbox.cluster.exists(base):
        return
    work = f"{base}_new"
    with sandbox.cache.one_at_a_time(base):
        if not sandbox.cache.restore(base, work):
            _say("erp: creating Tryton's database, a minute or two")
            sandbox.cluster.create(work)
            sandbox.administrator.create_modules(work)
            sandbox.cache.save(base, work)
    sandbox.cluster.rename(work, base)


def _base_name(admin: Administrator) -> str:
    return f"erp_base_{_hash(admin.module_versions(), *MODULES)}"


def _login(sandbox: Sandbox, database: str) -> Rpc:
    password = sandbox.administrator.password_file.read_text()
    return Rpc(sandbox.server.url, database, "admin", password)


def _code() -> str:
    """Hash what decides the content of the database: the set-up's own modules."""
    modules = sorted((Path(__file__).parent / "hospital").glob("*.py"))
    return _hash(*(module.read_text() for module in modules))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _say(sentence: str) -> None:
    print(sentence, flush=True)
