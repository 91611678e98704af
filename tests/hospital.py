"""A hospital under test: its own home, ports, ERP, and the truth it was made with."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import httpx
import psutil
import psycopg

from ledgerline.runtime.postgres import EmbeddedPostgres
from tests.dbt_manifest import prime

ROOT = Path(__file__).parents[1]
INCLUDE = ROOT / "include"
FIRST_RUN = "after_day1"
"""A database as long as `parsed_for`; see tests/dbt_manifest.py."""


@dataclass
class Hospital:
    """A home folder with a sandbox hospital; `run` is what `make run` does."""

    home: Path
    port_base: int
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self):
        clean = {k: v for k, v in os.environ.items() if "AIRFLOW" not in k}
        return {
            **clean,
            "LEDGERLINE_HOME": str(self.home),
            "LEDGERLINE_PORT_BASE": str(self.port_base),
            "PYTHONPATH": str(INCLUDE),
            **self.extra,
        }

    def start(self, *command):
        return subprocess.Popen(
            [sys.executable, "-m", "ledgerline.cli", *command],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def ledgerline(self, *command, timeout=1800):
        process = self.start(*command)
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return subprocess.CompletedProcess(command, process.returncode, output)

    def run(self):
        return self.ledgerline("run")

    def prime(self):
        """Let its first build find the dbt project read; see tests/dbt_manifest.py."""
        target = self.home / "dbt" / "target"
        prime(target, port=self.port_base, dbname="ledgerline")

    def run_until(self, sql, seconds=1800):
        """Start a run; return it once `sql` returns true, and whether that came."""
        process = self.start("run")
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and process.poll() is None:
            if self.is_true(sql):
                return process, True
            time.sleep(0.5)
        return process, False

    def run_and_kill_when(self, sql):
        """Start a run; SIGKILL every process of it once `sql` returns true."""
        process, is_reached = self.run_until(sql)
        if is_reached:
            whole = psutil.Process(process.pid)
            for each in [whole, *whole.children(recursive=True)]:
                with suppress(psutil.NoSuchProcess):
                    each.kill()
        process.communicate()
        return is_reached

    def is_true(self, sql):
        try:
            return bool(self.value(sql))
        except (psycopg.Error, KeyError, FileNotFoundError):
            return False

    @property
    def dsn(self):
        return (
            f"postgresql://ledgerline:{self._secret}@127.0.0.1:{self.port_base}/"
            "ledgerline"
        )

    @property
    def server(self):
        """PostgreSQL of a hospital that has run."""
        return EmbeddedPostgres(self.home / "pg", self.port_base, self._secret)

    @property
    def _secret(self):
        return json.loads((self.home / "secrets.json").read_text())["postgres"]

    def rows(self, sql, *values):
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(sql, values).fetchall()

    def value(self, sql, *values):
        return self.rows(sql, *values)[0][0]

    def truth(self, name):
        folder = self.home / "sandbox" / "truth"
        with (folder / f"{name}.csv").open(newline="", encoding="utf-8") as lines:
            return list(csv.DictReader(lines))

    def truth_json(self, name):
        return json.loads((self.home / "sandbox/truth" / f"{name}.json").read_text())

    def erp(self):
        path = self.home / "sandbox" / "erp" / "connection.json"
        return ErpReader(json.loads(path.read_text()))


class ErpReader:
    """Reads Tryton's own REST API; shares nothing with the product's client."""

    def __init__(self, connection):
        extra = connection["extra"]
        extra = json.loads(extra) if isinstance(extra, str) else extra
        origin = f"http://{connection['host']}:{connection['port']}"
        self.base = f"{origin}/{extra['database']}/rest/model"
        self.headers = {
            "Authorization": f"bearer {connection['password']}",
            "Accept": "application/json",
        }

    def search(self, model, fields):
        rows, offset = [], 0
        while True:
            answer = httpx.get(
                f"{self.base}/{model}",
                params={"f": fields, "s": 500, "p": offset},
                headers=self.headers,
                timeout=60,
            )
            answer.raise_for_status()
            page = answer.json()
            rows += page
            offset += len(page)
            if len(page) < 500:
                return rows

    def trial_balance(self):
        """Posted debit minus credit by account code and period name."""
        totals = defaultdict(Decimal)
        fields = [
            *("account.code", "debit", "credit"),
            *("move.state", "move.period.start_date"),
        ]
        for line in self.search("account.move.line", fields):
            if line["move"]["state"] == "posted":
                month = _date(line["move"]["period"]["start_date"])[:7]
                key = (line["account"]["code"], month)
                totals[key] += decimal_of(line["debit"]) - decimal_of(line["credit"])
        return {key: amount for key, amount in totals.items() if amount}

    def cost_objects(self):
        """Debit minus credit of posted moves by account and cost object code."""
        totals = defaultdict(Decimal)
        fields = [
            *("account.code", "debit", "credit"),
            *("move_line.account.code", "move_line.move.state"),
        ]
        for line in self.search("analytic_account.line", fields):
            if line["move_line"]["move"]["state"] == "posted":
                key = (line["move_line"]["account"]["code"], line["account"]["code"])
                totals[key] += decimal_of(line["debit"]) - decimal_of(line["credit"])
        return {key: amount for key, amount in totals.items() if amount}

    def stock(self):
        """Quantity on hand from done moves by location, item and lot."""
        totals = defaultdict(Decimal)
        fields = [
            *("from_location.code", "to_location.code", "quantity", "state"),
            *("product.code", "lot.number"),
        ]
        for move in self.search("stock.move", fields):
            if move["state"] != "done":
                continue
            lot = (move["lot"] or {}).get("number") or ""
            quantity = decimal_of(move["quantity"])
            item = move["product"]["code"]
            totals[move["from_location"]["code"], item, lot] -= quantity
            totals[move["to_location"]["code"], item, lot] += quantity
        return totals

    def references(self):
        """Every external reference of what was posted, done, or asked of buyers."""
        finished = {
            "account.move": "posted",
            "stock.shipment.internal": "done",
            "purchase.requisition": "waiting",
        }
        return [
            row["external_reference"]
            for model, state in finished.items()
            for row in self.search(model, ["external_reference", "state"])
            if row["external_reference"] and row["state"] == state
        ]


def decimal_of(value):
    """A number as Tryton's REST API writes it."""
    if isinstance(value, dict):
        value = value["decimal"]
    return Decimal(str(value))


def _date(value):
    if isinstance(value, dict):
        return f"{value['year']:04}-{value['month']:02}-{value['day']:02}"
    return value


def by(rows, keys, amount):
    """Sum a truth column by some of its other columns; zero sums are left out."""
    totals = defaultdict(Decimal)
    for row in rows:
        totals[tuple(row[key] for key in keys)] += Decimal(row[amount])
    return {key: value for key, value in totals.items() if value}
