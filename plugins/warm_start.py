"""Import the heavy task libraries once in a long-running scheduler.

Its forked tasks then start warm. Other processes load nothing.
"""

from __future__ import annotations

import importlib
import sys

from airflow.plugins_manager import AirflowPlugin

HEAVY = ("dbt.cli.main", "dbt.adapters.postgres", "great_expectations")

if "scheduler" in sys.argv:
    for name in HEAVY:
        importlib.import_module(name)


class WarmStart(AirflowPlugin):  # type: ignore[misc]
    """Nothing but the imports above."""

    name = "warm_start"
