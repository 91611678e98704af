"""The bill of materials names what the locks pin, with their hashes."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements-fhir.txt"


def test_the_bill_of_materials_is_the_lock(tmp_path):
    written = tmp_path / "bill.json"
    subprocess.run(
        [
            *(Path(sys.executable).with_name("cyclonedx-py"), "requirements", LOCK),
            *("--output-reproducible", "--of", "JSON", "-o", written),
        ],
        check=True,
    )
    told = {
        f"{each['name']}=={each['version']}": {
            digest["content"]
            for reference in each["externalReferences"]
            for digest in reference.get("hashes", [])
        }
        for each in json.loads(written.read_text())["components"]
    }
    pinned = {
        pin: set(re.findall("sha256:([0-9a-f]{64})", hashes))
        for pin, hashes in re.findall(
            r"(?m)^([\w.-]+==[\w.]+)[^\n]*\\\n((?: +--hash=[^\n]+\n)+)",
            LOCK.read_text(),
        )
    }
    assert len(pinned) > 20
    assert told == pinned
