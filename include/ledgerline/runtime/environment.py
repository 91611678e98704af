"""The environment variables of every process of the stack, Airflow's above all."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from ledgerline.settings import REPOSITORY, Settings

WAREHOUSE = "AIRFLOW_CONN_WAREHOUSE"
METADATA = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"


def with_defaults(defaults: Mapping[str, str]) -> dict[str, str]:
    """Return our environment with defaults for what the user has not set."""
    return {**defaults, **os.environ}


def warehouse_connection(settings: Settings, password: str) -> str:
    """The embedded warehouse as the JSON of an Airflow connection."""
    return json.dumps(
        {
            "conn_type": "postgres",
            "host": "127.0.0.1",
            "port": settings.postgres_port,
            "schema": "ledgerline",
            "login": "ledgerline",
            "password": password,
        }
    )


def folder_connection(path: Path) -> str:
    """A folder as the JSON of an Airflow connection."""
    return json.dumps({"conn_type": "fs", "extra": {"path": str(path)}})


def lineage_defaults(settings: Settings) -> dict[str, str]:
    """OpenLineage events go to a file of this home, one a line."""
    transport = {
        "type": "file",
        "log_file_path": str(settings.lineage_events),
        "append": True,
    }
    package = "ledgerline.orchestration.open_lineage"
    return {
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(transport),
        "AIRFLOW__OPENLINEAGE__NAMESPACE": "ledgerline",
        "AIRFLOW__OPENLINEAGE__EXTRACTORS": f"{package}.extractor.FlowExtractor",
        # A fork leaves its task running for ever where the catalogue hangs.
        "AIRFLOW__OPENLINEAGE__EXECUTE_IN_THREAD": "True",
    }


def airflow_defaults(settings: Settings, secrets: Mapping[str, str]) -> dict[str, str]:
    """Airflow's configuration and the warehouse for the local stack."""
    execution = f"http://127.0.0.1:{settings.execution_api_port}/execution/"
    metadata = (
        f"postgresql+psycopg2://ledgerline:{secrets['postgres']}"
        f"@127.0.0.1:{settings.postgres_port}/airflow"
    )
    executor = "ledgerline.orchestration.executor.EmbeddedApiExecutor"
    return {
        "AIRFLOW_HOME": str(settings.home / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": executor,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": execution,
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__FERNET_KEY": secrets["airflow_fernet_key"],
        "AIRFLOW__CORE__MP_START_METHOD": "fork",
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets["airflow_jwt_secret"],
        # To read files that did not change every 30 s takes an eighth of a core.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "120",
        METADATA: metadata,
        WAREHOUSE: warehouse_connection(settings, secrets["postgres"]),
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "AIRFLOW__LOGGING__NAMESPACE_LEVELS": "ledgerline=INFO",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(settings.logs / "airflow"),
        **lineage_defaults(settings),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "PYTHONPATH": os.pathsep.join(
            [str(REPOSITORY / "include"), *filter(None, [os.environ.get("PYTHONPATH")])]
        ),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
