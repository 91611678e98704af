"""Ledger lines and stock moves read from a real Tryton, against the bare HTTP of it.

`python bench/tryton.py` makes a small sandbox ERP of its own (a minute or two the first
time), copies its rows to 10,000 of each model and reads them by turns with and without
the product. Figures are CPU-seconds of the client and of Tryton; PostgreSQL, which
answers Tryton alike both times, is left out.
"""

import secrets
import socket
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "include"), str(ROOT)]

import psutil

from bench.erp import measure
from ledgerline.runtime.postgres import EmbeddedPostgres
from tests.integration.tryton import many_rows, small_hospital
from tests.integration.tryton.sandbox_erp import Erp

ROUNDS = 3


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu(pid):
    """Return the CPU-seconds that a process has used."""
    took = psutil.Process(pid).cpu_times()
    return took.user + took.system


def measured(erp):
    erp.up()
    try:
        many_rows.multiply(erp.database_url)
        return measure(erp.endpoint(), lambda: cpu(erp.pid), ROUNDS)
    finally:
        erp.run("erp-down")


def main():
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        home.chmod(0o755)
        postgres = EmbeddedPostgres(home / "pg", free_port(), secrets.token_urlsafe(12))
        postgres.start()
        try:
            small_hospital.write(home / "sandbox" / "erp")
            url = postgres.dsn("erp_bench")
            erp = Erp(home=home, port=free_port(), database_url=url)
            return 0 if measured(erp) else 1
        finally:
            postgres.stop()


if __name__ == "__main__":
    sys.exit(main())
