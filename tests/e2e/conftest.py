"""Whole hospitals, each a few minutes: as few as the stories need."""

import os
import shutil
import socket

import pytest

from tests.e2e.hospital import Hospital


def free_port_base():
    """Find ten free ports in a row; each test worker looks in a range of its own."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 21000 + 1000 * (worker % 8)
    for base in range(first, first + 1000, 20):
        probes = [socket.socket() for _ in range(10)]
        try:
            for offset, probe in enumerate(probes):
                probe.bind(("127.0.0.1", base + offset))
        except OSError:
            continue
        else:
            return base
        finally:
            for probe in probes:
                probe.close()
    raise RuntimeError("no ten free ports in a row")


@pytest.fixture(scope="session")
def new_hospital(tmp_path_factory):
    """A factory of hospitals; their servers are stopped at the end."""
    opened = []

    def create(name, **extra):
        home = tmp_path_factory.mktemp(name)
        hospital = Hospital(home=home, port_base=free_port_base(), extra=extra)
        opened.append(hospital)
        return hospital

    yield create
    for hospital in opened:
        hospital.ledgerline("down")
        elsewhere = hospital.home / "pg.location"
        if elsewhere.exists():
            shutil.rmtree(elsewhere.read_text(), ignore_errors=True)


@pytest.fixture(scope="session")
def hospital_day(new_hospital):
    """A hospital after one successful run, with what the run printed."""
    hospital = new_hospital("hospital_day")
    done = hospital.run()
    assert done.returncode == 0, done.stdout[-3000:]
    return hospital, done.stdout
