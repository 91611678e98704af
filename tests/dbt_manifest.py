"""The manifest of the dbt project, parsed without a database."""

import json
import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "dbt_project"


def parse(project, target):
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("DBT_")},
        "DO_NOT_TRACK": "1",
        "LEDGERLINE_DBT_PASSWORD": "",
    }
    command = [
        *(sys.executable, "-m", "dbt.cli.main", "parse", "--no-partial-parse"),
        *("--project-dir", str(project), "--profiles-dir", str(project)),
        *("--target-path", str(target), "--log-path", str(target)),
    ]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False
    )


def parsed_manifest(target):
    """The folder's manifest.json; made there when it has none."""
    path = target / "manifest.json"
    if not path.exists():
        parsed = parse(PROJECT, target)
        assert parsed.returncode == 0, parsed.stdout
    return json.loads(path.read_text())
