"""Listener, landing and PostgreSQL stopped at any moment: 0 lost, 0 doubled."""

import os
import random
import secrets
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest

from ledgerline.landing.inbox.source import InboxSource, has_mail
from ledgerline.landing.land import land
from ledgerline.runtime.postgres import EmbeddedPostgres
from ledgerline.store.migrate import migrate
from tests.conftest import discard, free_port
from tests.integration.mllp.service import ROOT, Sender, Service, message, rows

pytestmark = pytest.mark.integration
SEED = 20260302
SENDERS = 6
KILLS = 8
LANDING = Path(__file__).with_name("landing_process.py")
LANDED = """
select resource_id, count(*) from raw_ehr.record
where starts_with(resource_id, %s) group by resource_id
"""


class Feed(threading.Thread):
    """Sends messages one by one, or a few at once, until each is acknowledged."""

    def __init__(self, port, prefix, chance):
        super().__init__(daemon=True)
        self.port, self.prefix, self.chance = port, prefix, chance
        self.acknowledged, self.resent, self.stopping = [], 0, False

    def run(self):
        while not self.stopping:
            number = len(self.acknowledged)
            window = self.chance.choice([1, 1, 5])
            names = [f"{self.prefix}{number + step}" for step in range(window)]
            try:
                with Sender(self.port, timeout=20) as sender:
                    while not self.stopping:
                        self.deliver(sender, names)
                        time.sleep(0.003)
                        number = len(self.acknowledged)
                        names = [f"{self.prefix}{number + n}" for n in range(window)]
            except OSError:
                self.resent += 1
                time.sleep(0.02)

    def deliver(self, sender, names):
        sender.send(*(message(name) for name in names))
        for name in names:
            answer = sender.answer()
            assert (answer.code, answer.control_id) == ("AA", name)
            self.acknowledged.append(name)


def feeds(port, prefix):
    chance = random.Random(SEED)
    started = [
        Feed(port, f"{prefix}{number}x", random.Random(chance.random()))
        for number in range(SENDERS)
    ]
    for feed in started:
        feed.start()
    return started


def acknowledged(started):
    for feed in started:
        feed.stopping = True
    for feed in started:
        feed.join(60)
        assert not feed.is_alive()
    return [name for feed in started for name in feed.acknowledged]


def land_all(dsn):
    reports = []
    while has_mail(dsn):
        reports.append(land(dsn, InboxSource(dsn)))
    return reports


def assert_landed_once(dsn, prefix, names):
    landed = dict(rows(dsn, LANDED, f"EPICENTER|MVH|{prefix}"))
    missing = [name for name in names if f"EPICENTER|MVH|{name}" not in landed]
    assert missing == []
    assert set(landed.values()) == {1}
    assert rows(
        dsn, "select sum(abs(difference_count))::integer from ops.landing_balance"
    ) == [(0,)]
    assert rows(dsn, "select count(*) from ops.quarantined_record") == [(0,)]
    stored = rows(
        dsn,
        "select count(*), count(distinct control_id), count(bytes) from raw_ehr.inbox "
        "where starts_with(control_id, %s)",
        prefix,
    )
    assert stored == [(len(landed), len(landed), 0)]


def test_a_listener_killed_at_random_loses_and_doubles_nothing(service):
    chance = random.Random(SEED)
    started = feeds(service.port, "kill")
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.05, 0.6))
        service.kill()
        service.start()
    time.sleep(0.5)
    names = acknowledged(started)
    resent = sum(feed.resent for feed in started)
    land_all(service.dsn)
    print(
        f"seed {SEED}: {KILLS} kills, {len(names)} acknowledged, {resent} reconnections"
    )
    assert len(names) > 200
    assert resent >= KILLS
    assert_landed_once(service.dsn, "kill", names)


def landing(dsn):
    return subprocess.Popen(
        [sys.executable, str(LANDING), dsn],
        env=os.environ | {"PYTHONPATH": str(ROOT / "include")},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_landing_killed_at_random_while_messages_arrive_loses_and_doubles_nothing(
    service,
):
    chance = random.Random(SEED)
    started = feeds(service.port, "sweep")
    killed = 0
    for _ in range(KILLS):
        process = landing(service.dsn)
        process.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.25))
        killed += process.poll() is None
        process.kill()
        process.communicate()
    names = acknowledged(started)
    land_all(service.dsn)
    print(f"seed {SEED}: {killed} landings killed, {len(names)} acknowledged")
    assert killed >= KILLS // 2
    assert_landed_once(service.dsn, "sweep", names)


MOMENTS = ["saved", "offered", "landed", "marked"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_landing_killed_at_each_step_of_a_delivery_is_completed_by_the_next(
    service, moment
):
    names = [f"step{moment}{number}" for number in range(50)]
    with Sender(service.port) as sender:
        sender.send(*(message(name) for name in names), b"MSH|no " + moment.encode())
        codes = [sender.answer().code for _ in range(51)]
    assert codes == ["AA"] * 50 + ["AE"]
    process = subprocess.run(
        [sys.executable, str(LANDING), service.dsn, moment],
        env=os.environ | {"PYTHONPATH": str(ROOT / "include")},
        check=False,
    )
    assert process.returncode == -signal.SIGKILL
    with Sender(service.port) as sender:
        late = f"step{moment}late"
        assert sender.ask(message(late)).code == "AA"
    land_all(service.dsn)
    landed = rows(service.dsn, LANDED, f"EPICENTER|MVH|step{moment}")
    assert len(landed) == 51
    assert {count for _, count in landed} == {1}
    refused = "select count(*) from ops.quarantined_record where byte_length = %s"
    length = len(b"MSH|no " + moment.encode())
    assert rows(service.dsn, refused, length) == [(1,)]
    with psycopg.connect(service.dsn, autocommit=True) as connection:
        connection.execute("delete from ops.quarantined_record")


def test_a_stop_answers_what_is_committed_and_hangs_up(service):
    started = feeds(service.port, "stop")
    time.sleep(1)
    assert service.stop() == 0
    service.start()
    names = acknowledged(started)
    land_all(service.dsn)
    assert_landed_once(service.dsn, "stop", names)


@pytest.fixture(scope="module")
def own_server(tmp_path_factory):
    """A PostgreSQL that may be stopped without disturbing other tests."""
    folder = tmp_path_factory.mktemp("postgres")
    server = EmbeddedPostgres(folder, free_port(), secrets.token_urlsafe(12))
    server.start()
    server.create_database("warehouse")
    migrate(server.dsn("warehouse"))
    yield server
    discard(server)


def test_postgresql_stopped_and_started_in_the_middle(own_server, tmp_path):
    dsn = own_server.dsn("warehouse")
    listener = Service(tmp_path / "home", dsn, free_port()).start()
    try:
        started = feeds(listener.port, "away")
        time.sleep(0.7)
        own_server.stop()
        before = sum(len(feed.acknowledged) for feed in started)
        time.sleep(2)
        own_server.start()
        deadline = time.monotonic() + 60
        while sum(len(feed.acknowledged) for feed in started) < before + 100:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        names = acknowledged(started)
    finally:
        assert listener.stop() == 0
    land_all(dsn)
    assert_landed_once(dsn, "away", names)


def test_while_postgresql_is_away_nobody_is_answered_and_then_everybody(
    own_server, tmp_path
):
    listener = Service(tmp_path / "home", own_server.dsn("warehouse"), free_port())
    own_server.stop()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(own_server.dsn("warehouse"))
    listener.start()
    try:
        with Sender(listener.port, timeout=40) as sender:
            with pytest.raises(ConnectionError):
                sender.ask(message("gone"))
            own_server.start()
        with Sender(listener.port, timeout=40) as sender:
            assert sender.ask(message("gone")).code == "AA"
    finally:
        listener.stop()
