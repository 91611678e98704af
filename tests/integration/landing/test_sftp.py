"""A folder on an SFTP server lands as one on this machine does, and is fetched once."""

import os
import time

import asyncssh
import pytest

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import (
    AuthenticationFailed,
    ConfigurationInvalid,
    SourceMissing,
    SourceUnavailable,
)
from ledgerline.landing.land import land_ehr
from ledgerline.orchestration.sources import source_of
from tests.integration.landing.folder_source import encounters, numbers, rows
from tests.integration.landing.sftp_server import LOGIN, PASSWORD, serving

pytestmark = pytest.mark.integration
OTHER_KEY = asyncssh.generate_private_key("ssh-ed25519")


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "outbox"
    folder.mkdir()
    with serving(folder) as running:
        yield running


def connection_to(server, password=PASSWORD, **extra):
    return Endpoint(
        conn_id="ehr_fhir",
        conn_type="sftp",
        host="127.0.0.1",
        port=server.port,
        login=LOGIN,
        password=password,
        extra={"host_key": server.public_key, **extra},
    )


def deliver(server, name, content):
    path = server.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    an_hour_ago = time.time() - 3600
    os.utime(path, (an_hour_ago, an_hour_ago))


def test_files_at_any_depth_land_and_are_fetched_once(server, warehouse_dsn):
    deliver(server, "a.ndjson", encounters("sftp-a", 20) + b"{broken\n")
    deliver(server, "2026/b.ndjson", encounters("sftp-b", 30))
    endpoint = connection_to(server)
    assert numbers(land_ehr(warehouse_dsn, endpoint)) == (51, 50, 1, 0)
    assert numbers(land_ehr(warehouse_dsn, endpoint)) == (0, 0, 0, 0)
    assert server.opened == {"a.ndjson": 1, "b.ndjson": 1}
    deliver(server, "a.ndjson", encounters("sftp-a", 25))
    assert numbers(land_ehr(warehouse_dsn, endpoint)) == (25, 5, 0, 20)
    assert server.opened == {"a.ndjson": 2, "b.ndjson": 1}


def test_a_file_of_this_minute_is_fetched_again_lest_it_changes(server, warehouse_dsn):
    (server.folder / "new.ndjson").write_bytes(encounters("sftp-new", 3))
    endpoint = connection_to(server)
    assert numbers(land_ehr(warehouse_dsn, endpoint)) == (3, 3, 0, 0)
    assert numbers(land_ehr(warehouse_dsn, endpoint)) == (3, 0, 0, 3)


def test_a_path_below_the_login_is_its_folder(server, warehouse_dsn):
    deliver(server, "ours/a.ndjson", encounters("sftp-ours", 2))
    deliver(server, "theirs/a.ndjson", encounters("sftp-theirs", 2))
    endpoint = connection_to(server, path="/ours")
    assert numbers(land_ehr(warehouse_dsn, endpoint)) == (2, 2, 0, 0)


def test_a_server_that_hangs_up_in_a_file_is_asked_again(server, warehouse_dsn):
    deliver(server, "a.ndjson", encounters("sftp-cut", 5_000))
    server.breaks = 1
    assert numbers(land_ehr(warehouse_dsn, connection_to(server)))[1] == 5_000


def test_a_file_that_is_being_written_waits_for_the_next_run(server, warehouse_dsn):
    deliver(server, "done.ndjson", encounters("sftp-done", 4))
    deliver(server, "growing.ndjson", encounters("sftp-growing", 4))
    server.growing = b"growing.ndjson"
    endpoint = connection_to(server)
    assert numbers(land_ehr(warehouse_dsn, endpoint)) == (4, 4, 0, 0)
    server.growing = b""
    deliver(server, "growing.ndjson", encounters("sftp-growing", 5))
    assert numbers(land_ehr(warehouse_dsn, endpoint)) == (5, 5, 0, 0)


def test_links_and_files_that_are_denied_are_refused_alone(
    server, warehouse_dsn, connection
):
    deliver(server, "good.ndjson", encounters("sftp-good", 3))
    deliver(server, "denied.ndjson", encounters("sftp-denied", 3))
    deliver(server, "n\udcffme.ndjson", encounters("sftp-latin", 1))
    (server.folder / "link.ndjson").symlink_to("/etc/hostname")
    server.denied.add(b"denied.ndjson")
    report = land_ehr(warehouse_dsn, connection_to(server))
    assert numbers(report) == (6, 4, 2, 0)
    found = rows(
        connection,
        "select locator, class from ops.quarantined_record where batch_id = %s "
        "order by locator",
        report.batch_id,
    )
    assert [(place.rsplit("/", 1)[-1], kind) for place, kind in found] == [
        ("denied.ndjson", "FILE_UNREADABLE"),
        ("link.ndjson", "PATH_TRAVERSAL"),
    ]


@pytest.mark.parametrize("passphrase", [None, "opens the key"])
def test_a_private_key_logs_in(server, warehouse_dsn, tmp_path, passphrase):
    deliver(server, "a.ndjson", encounters("sftp-key", 2))
    text = server.user_key.export_private_key(passphrase=passphrase).decode()
    more = {"private_key_passphrase": passphrase} if passphrase else {}
    (tmp_path / "key").write_text(text)
    for key in ({"private_key": text}, {"key_file": str(tmp_path / "key")}):
        endpoint = connection_to(server, password="", **key, **more)
        assert land_ehr(warehouse_dsn, endpoint).quarantined == 0
    assert server.logins == 0


@pytest.mark.parametrize(
    ("error", "says", "change"),
    [
        (AuthenticationFailed, "refuses our login", {"password": "wrong"}),
        (
            ConfigurationInvalid,
            "is not the one that we know",
            {"host_key": OTHER_KEY.export_public_key().decode()},
        ),
        (ConfigurationInvalid, "is not the one that we know", {"host_key": None}),
        (ConfigurationInvalid, "is no public key", {"host_key": "nonsense"}),
        (ConfigurationInvalid, "private key of conn", {"private_key": "nonsense"}),
        (ConfigurationInvalid, "private key of conn", {"key_file": "/nowhere"}),
        (SourceMissing, "is not there", {"path": "/nowhere"}),
        (SourceMissing, "has no files", {}),
    ],
)
def test_what_is_wrong_is_one_sentence(
    server, warehouse_dsn, monkeypatch, tmp_path, error, says, change
):
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(error, match=says) as caught:
        land_ehr(warehouse_dsn, connection_to(server, **change))
    assert "connection ehr_fhir" in caught.value.message
    assert PASSWORD not in caught.value.message
    assert server.logins <= 1


def test_a_server_that_is_down_is_unavailable(server, warehouse_dsn):
    endpoint = connection_to(server)
    gone = Endpoint(
        conn_id="ehr_fhir", conn_type="sftp", host="127.0.0.1", port=9, extra={}
    )
    with pytest.raises(SourceUnavailable, match="does not answer"):
        land_ehr(warehouse_dsn, gone)
    deliver(server, "a.ndjson", encounters("sftp-up", 1))
    assert numbers(land_ehr(warehouse_dsn, endpoint)) == (1, 1, 0, 0)


@pytest.mark.parametrize("conn_id", ["billing_x12", "ehr_fhir", "ehr_hl7v2"])
def test_every_folder_may_lie_on_an_sftp_server(conn_id):
    endpoint = Endpoint(conn_id=conn_id, conn_type="sftp", host="sftp.example")
    assert source_of(endpoint).name == conn_id
