"""`ledgerline listen` as a process of its own, and a plain sender to talk to it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from ledgerline.store.roles import set_passwords

ROOT = Path(__file__).parents[3]
PASSWORD = "listener-test"
SEGMENTS = (
    "MSH|^~\\&|EPICENTER|{facility}|LEDGERLINE|NETWORK|20260301120000+0000||"
    "ADT^A01^ADT_A01|{control_id}|P|2.5.1",
    "EVN|A01|20260301120000+0000",
    "PID|1||{control_id}^^^MVH^MR||ZZPHIDOE^{name}||19610615|F||||||||||MVH{control_id}",
    "PV1|1|I|ICU^101^A^MVH||||||||||||||||MVH{control_id}|||||||||||||||||||||||||"
    "20260301120000+0000",
)


def message(control_id, name="ZZPHIJANE", facility="MVH", ends="\r"):
    """An admission as bytes, without a frame."""
    text = "".join(segment + ends for segment in SEGMENTS)
    return text.format(control_id=control_id, name=name, facility=facility).encode()


def framed(content):
    return b"\x0b" + content + b"\x1c\r"


class Sender:
    """One connection; tells answers apart by their frames."""

    def __init__(self, port, timeout=30, wrap=None):
        self.plug = socket.create_connection(("127.0.0.1", port), timeout)
        if wrap:
            self.plug = wrap(self.plug)
        self.left = b""

    def send(self, *messages):
        self.plug.sendall(b"".join(framed(part) for part in messages))

    def answer(self):
        """The next answer; raises ConnectionError when the listener hangs up."""
        while b"\x1c\r" not in self.left:
            more = self.plug.recv(65536)
            if not more:
                raise ConnectionError
            self.left += more
        first, _, self.left = self.left.partition(b"\x1c\r")
        assert first.startswith(b"\x0b")
        return Answer(first[1:].decode())

    def ask(self, content):
        self.send(content)
        return self.answer()

    def close(self):
        self.plug.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Answer:
    """An ACK, split with nothing but its separators."""

    def __init__(self, text):
        self.text = text
        rows = [line.split("|") for line in text.split("\r") if line]
        self.segments = {row[0]: row for row in rows}
        self.code, self.control_id = self.segments["MSA"][1:3]

    @property
    def error(self):
        """The HL7 condition code and our class: ERR-3.1 and ERR-5."""
        row = self.segments["ERR"]
        return row[3].split("^")[0], row[5]


class Service:
    """A listener of a home, started and killed at will."""

    def __init__(self, home, dsn, port, **variables):
        self.home, self.dsn, self.port = home, dsn, port
        self.log = home / "listen.log"
        self.environment = os.environ | {
            "PYTHONPATH": str(ROOT / "include"),
            "LEDGERLINE_HOME": str(home),
            "LEDGERLINE_MLLP_PORT": str(port),
            "AIRFLOW_CONN_WAREHOUSE": dsn,
            **variables,
        }
        home.mkdir(parents=True, exist_ok=True)
        (home / "secrets.json").touch(mode=0o600)
        (home / "secrets.json").write_text(json.dumps({"listener": PASSWORD}))
        set_passwords(dsn, {"listener": PASSWORD})
        self.process = None

    def start(self):
        command = [sys.executable, "-m", "ledgerline.cli", "listen"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=log
            )
        deadline = time.monotonic() + 60
        while not self.answers():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return self

    def answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def peak_memory(self):
        """The most memory it ever held, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024


def rows(dsn, query, *values):
    with psycopg.connect(dsn, autocommit=True) as connection:
        return connection.execute(query, values).fetchall()


def inbox(dsn, prefix=""):
    """(control id, bytes) of what is stored, in order of arrival."""
    return rows(
        dsn,
        "select control_id, bytes from raw_ehr.inbox "
        "where starts_with(control_id, %s) order by message_id",
        prefix,
    )
