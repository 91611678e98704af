"""A real FHIR server behind a proxy that fails on purpose."""

import sqlite3
from contextlib import closing

import pytest

from tests.integration.fhir_server.peers import MemoryState, Peer


@pytest.fixture(scope="session")
def open_peer(tmp_path_factory):
    peer = Peer(tmp_path_factory.mktemp("sekmet"))
    try:
        peer.start()
        yield peer
    finally:
        peer.stop()


@pytest.fixture(scope="session")
def registered(tmp_path_factory):
    """The public keys that the server has for its clients: algorithm to file."""
    folder = tmp_path_factory.mktemp("registered")
    return {name: folder / f"{name}.pem" for name in ("RS384", "ES384")}


@pytest.fixture(scope="session")
def guarded_peer(tmp_path_factory, registered):
    clients = [
        {"client_id": f"ledgerline-{name}", "public_key_path": str(path)}
        for name, path in registered.items()
    ]
    peer = Peer(
        tmp_path_factory.mktemp("guarded"),
        server_auth={
            "types": ["smart", "basic"],
            "users": {"ann": "a-pass:word"},
            "smart_clients": [{**c, "scopes": "system/*.read"} for c in clients],
            "token_lifetime": 300,
        },
    )
    try:
        peer.start()
        yield peer
    finally:
        peer.stop()


@pytest.fixture
def guarded(guarded_peer):
    """A server that asks who we are, its proxy without rules."""
    guarded_peer.proxy.reset()
    yield guarded_peer
    guarded_peer.proxy.reset()


@pytest.fixture
def peer(open_peer):
    """An open server whose proxy has no rule and has seen nothing."""
    open_peer.proxy.reset()
    yield open_peer
    open_peer.proxy.reset()


@pytest.fixture
def state():
    return MemoryState()


@pytest.fixture
def held(open_peer):
    """What the server holds: type to set of ids."""
    database = open_peer.folder / "data" / "sekmet.db"
    with closing(sqlite3.connect(database)) as opened:
        rows = opened.execute(
            "select type, id from resources where deleted = 0 "
            "and type not in ('Basic', 'Bundle', 'Subscription')"
        ).fetchall()
    ids = {}
    for resource_type, resource_id in rows:
        ids.setdefault(resource_type, set()).add(resource_id)
    return ids
