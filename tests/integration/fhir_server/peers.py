"""A sekmet process behind the fault proxy, and what tests read of a source."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.connectors import fhir_server
from ledgerline.connectors.formats.record import FileRefused
from tests.conftest import free_port
from tests.integration.fhir_server.fault_proxy import FaultProxy, wait_until_answers

ROOT = Path(__file__).parents[3]
EXTRACT = ROOT / "include/sandbox/extract"
SEKMET_PYTHON = ROOT / ".venv-fhir/bin/python"
PER_TYPE = 60
QUICK = {"max_wait_seconds": 0.2, "deadline_seconds": 60, "attempts": 4}


class MemoryState:
    """What a source remembers, kept as JSON as the warehouse keeps it."""

    def __init__(self):
        self.kept = {}

    def load(self, key):
        return json.loads(self.kept[key]) if key in self.kept else None

    def save(self, key, value):
        self.kept[key] = json.dumps(dict(value))

    def drop(self, key):
        self.kept.pop(key, None)


class Peer:
    """One sekmet process, and the proxy at the address it believes to be its own."""

    def __init__(self, folder, **settings):
        self.folder = folder
        self.proxy = FaultProxy(0)
        self.port = free_port()
        self.proxy.upstream = f"http://127.0.0.1:{self.port}"
        self.base_url = f"{self.proxy.origin}/fhir"
        self.settings = folder / "settings.yaml"
        given = {
            "base_url": self.base_url,
            "host": "127.0.0.1",
            "port": self.port,
            "data_dir": str(folder / "data"),
            "own_private_key_path": str(folder / "private.pem"),
            "validation": {"inbound": "off"},
            "simulator": {"enabled": False, "delay_seconds": 0},
            "log_inbound": False,
            **settings,
        }
        self.settings.write_text(yaml.safe_dump(given))
        self.process = None

    def start(self):
        if not SEKMET_PYTHON.exists():
            pytest.fail("sekmet-fhir is not installed: run make install")
        loader = Path(__file__).with_name("load_sekmet.py")
        command = [loader, self.settings, EXTRACT, str(PER_TYPE)]
        subprocess.run([SEKMET_PYTHON, *map(str, command)], check=True, timeout=120)
        with (self.folder / "sekmet.log").open("wb") as log:
            self.process = subprocess.Popen(
                [SEKMET_PYTHON, "-m", "sekmet.cli", "serve", "-c", str(self.settings)],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                env=dict(os.environ),
            )
        self.proxy.start()
        ready = f"{self.proxy.upstream}/fhir/.well-known/smart-configuration"
        wait_until_answers(ready, self.process)

    def stop(self):
        self.proxy.stop()
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=30)

    def endpoint(self, login="", password="", **extra):
        return Endpoint(
            conn_id="ehr_fhir",
            conn_type="http",
            host=self.base_url,
            login=login,
            password=password,
            extra={**QUICK, **extra},
        )

    def source(self, **extra):
        return fhir_server.source(self.endpoint(**extra))

    def put(self, resource):
        url = f"{self.base_url}/{resource['resourceType']}/{resource['id']}"
        reply = self.proxy.client.put(url, json=resource)
        assert reply.status_code in {200, 201}, reply.text


def read_all(source, state):
    """Take every delivery and read it: name to items."""
    found = {}
    for delivery in source.deliveries(state):
        try:
            with delivery.opened() as stream:
                data = stream.read()
        except FileRefused as refused:
            found[delivery.name] = [refused]
            continue
        read = source.reader(delivery.format)
        found[delivery.name] = list(read(lambda data=data: iter([data])))
    return found


def ids_by_type(found):
    """Count the records of all deliveries: type to set of ids."""
    ids = {}
    for items in found.values():
        for item in items:
            ids.setdefault(item.resource_type, set()).add(item.resource_id)
    return ids
