"""One generation a session, and the hospital it was made from."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.generation import generate
from sandbox.hospital import Hospital, found
from tests.sandbox.billing_reader import Billing, read_billing

SEED = 7


@pytest.fixture(scope="session")
def home(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    generate(folder, SEED)
    return folder


@pytest.fixture(scope="session")
def sandbox(home) -> Path:
    return home / "sandbox"


@pytest.fixture(scope="session")
def hospital() -> Hospital:
    return found(SEED)


@pytest.fixture(scope="session")
def table(sandbox) -> Callable[[str], list[dict[str, str]]]:
    """Reads a table by folder and name: `truth/charge`."""

    def read(name: str) -> list[dict[str, str]]:
        with (sandbox / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return read


@pytest.fixture(scope="session")
def resources(sandbox) -> Callable[[str], list[dict]]:
    """Reads the resources of a type."""

    def read(resource_type: str) -> list[dict]:
        path = sandbox / "ehr" / f"{resource_type}.ndjson"
        lines = path.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    return read


@pytest.fixture(scope="session")
def billing(sandbox) -> Billing:
    """The billing folder as read again, without the copies of files."""
    return read_billing(sandbox / "billing")
