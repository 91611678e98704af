"""Another client, smart-fetch, exports from the same server: the same comes."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.integration.fhir_server.peers import SEKMET_PYTHON, ids_by_type, read_all

pytestmark = pytest.mark.integration
SCRIPT = Path(__file__).with_name("smart_fetch_export.py")


def exported(folder):
    ids = {}
    for path in folder.glob("*.ndjson"):
        for line in path.read_text().splitlines():
            resource = json.loads(line)
            if "resourceType" in resource:
                kind = ids.setdefault(resource["resourceType"], [])
                kind.append(resource["id"])
    return ids


def test_smart_fetch_and_we_export_the_same_ids_and_counts(peer, state, held, tmp_path):
    types = ",".join(sorted(held))
    subprocess.run(
        [SEKMET_PYTHON, SCRIPT, peer.base_url, tmp_path, types],
        check=True,
        capture_output=True,
        timeout=120,
    )
    theirs = exported(tmp_path)
    found = read_all(peer.source(types=types), state)
    ours = ids_by_type(found)
    assert {t: set(ids) for t, ids in theirs.items()} == ours
    counts = {}
    for items in found.values():
        for item in items:
            counts[item.resource_type] = counts.get(item.resource_type, 0) + 1
    assert {t: len(ids) for t, ids in theirs.items()} == counts
    assert sum(counts.values()) == sum(map(len, held.values()))
