"""A hospital under Airflow's own long-running processes, and what kills them."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

import psutil
import psycopg

from ledgerline import settings as settings_of
from ledgerline.runtime import stack, up
from ledgerline.secrets import load_or_create
from tests.hospital import Hospital
from tests.torture.airflow import POSTING, Airflow
from tests.torture.books import OPEN

SENDING = "select entry_id, fence from post.entry where state = 'SENDING'"

POSTED = "select count(*) from post.ledger"

AT_ONCE = 0.05
"""Seconds between two looks at what is soon over."""


class Stack:
    """What `ledgerline up` started in one home."""

    def __init__(self, home, port_base):
        os.environ.update(
            LEDGERLINE_HOME=str(home), LEDGERLINE_PORT_BASE=str(port_base)
        )
        self.hospital = Hospital(home=home, port_base=port_base)
        self.settings = settings_of.load()
        password = load_or_create(home)["airflow_admin"]
        self.airflow = Airflow(self.settings.airflow_port, password)

    def command(self, *words):
        done = self.hospital.ledgerline(*words)
        assert done.returncode == 0, done.stdout[-3000:]
        return done.stdout

    def declare_times(self):
        """Declare short times for the ERP on this machine, so that doubt ends soon."""
        path = self.hospital.home / "sandbox" / "erp" / "connection.json"
        erp = json.loads(path.read_text())
        erp["extra"] |= {"request_seconds": 6, "in_flight_seconds": 2}
        declared = {"AIRFLOW_CONN_ERP": json.dumps(erp)}
        self.hospital.extra |= declared
        os.environ |= declared

    def revive(self):
        """Start again what of Airflow does not run."""
        env = up.airflow_environment(
            self.settings, stack.known_environment(self.settings)
        )
        for process in up.processes(self.settings):
            process.start(env)

    def members(self, name):
        """The process of this name with its children, itself first."""
        known = {process.name: process for process in up.processes(self.settings)}
        leader = psutil.Process(known[name].leader())
        return [leader, *leader.children(recursive=True)]

    def kill(self, *processes):
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, timeout=10)

    def task_process(self, run):
        return psutil.Process(self.airflow.task(run)["pid"])

    def postmaster(self):
        pid_file = self.hospital.server.data / "postmaster.pid"
        return psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))

    def erp_process(self):
        path = self.hospital.home / "sandbox" / "erp" / "trytond.pid"
        return psutil.Process(int(path.read_text()))

    def airflow_command(self, *words):
        """Start a command of Airflow's in a process of its own."""
        env = up.airflow_environment(
            self.settings, stack.known_environment(self.settings)
        )
        return subprocess.Popen(
            [sys.executable, "-m", "airflow", *words],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @contextmanager
    def in_mid_post(self):
        """Hold the ERP still while one document is on its way; some are there.

        One connection looks, or a busy machine would see every document too late.
        """
        erp = self.erp_process()
        with psycopg.connect(self.hospital.dsn, autocommit=True) as look:
            before = look.execute(POSTED).fetchone()
            wait(
                lambda: look.execute(POSTED).fetchone() > before,
                120,
                "nothing is posted",
                AT_ONCE,
            )
            missed = "no document was caught in mid-post"
            wait(lambda: _is_held(look, erp), 60, missed, AT_ONCE)
        try:
            yield
        finally:
            with suppress(psutil.NoSuchProcess):
                erp.send_signal(signal.SIGCONT)

    def settle(self, seconds=240):
        """Wait until the runs have ended; run again until nothing is left to post."""
        deadline = time.monotonic() + seconds
        while True:
            wait(
                lambda: not self.airflow.open_runs(),
                deadline - time.monotonic(),
                "a run of post_to_erp does not end",
            )
            if not self.hospital.value(f"select count(*) from post.entry where {OPEN}"):
                return
            self.airflow.trigger(POSTING)


def wait(is_true, seconds, complaint, every=0.5):
    """Ask until it is so; who asks more often takes a core from what it waits for."""
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            raise AssertionError(complaint)
        time.sleep(every)


def _is_held(look, erp):
    caught = look.execute(SENDING).fetchall()
    if caught:
        erp.send_signal(signal.SIGSTOP)
        time.sleep(0.3)
        if look.execute(SENDING).fetchall() == caught:
            return True
        erp.send_signal(signal.SIGCONT)
    return False
