"""Spoiled inputs to each FHIR parser: refused by class, fast, in little space.

Whatever else comes out of a parser but items and FileRefused ends its process.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz import INPUTS

pytestmark = pytest.mark.fuzz
ROOT = Path(__file__).parents[3]
SEED = "20261122"


@pytest.mark.parametrize("parser", ["line", "bundle", "document", "container"])
def test_a_parser_survives_whatever_comes(parser):
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.formats.fuzz_fhir", parser, SEED],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'include'}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    print(f"seed {SEED}: {parser}: {told}")
    assert told["inputs"] == INPUTS
    assert told["slowest_seconds"] <= 2
    assert told["peak_megabytes"] < 512
    assert len(told["outcomes"]) >= 3
