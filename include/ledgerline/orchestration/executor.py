"""A LocalExecutor that serves the task execution API from a thread of its own process.

With it, Airflow's scheduler alone runs DAGs for real: forked and supervised tasks, log
files, asset events. No API server process is needed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from urllib.parse import urlparse

import uvicorn
from airflow.api_fastapi.app import create_app
from airflow.configuration import conf
from airflow.executors.local_executor import LocalExecutor

from ledgerline.canonical.errors import Fatal


class ExecutionApiFailed(Fatal):
    """The execution API does not listen."""

    code = "EXECUTION_API_FAILED"


class EmbeddedApiExecutor(LocalExecutor):  # type: ignore[misc]
    """Forks the workers first, then starts the API thread and `on_started`.

    The order matters: locks that a thread holds inside libpq or OpenSSL at the time of
    a fork stay locked in the child for ever.
    """

    on_started: Callable[[], None] | None = None
    _server: uvicorn.Server | None = None

    def start(self) -> None:
        """Start the workers, then the API, then whoever waits for both."""
        super().start()
        url = urlparse(conf.get("core", "execution_api_server_url"))
        config = uvicorn.Config(
            create_app(apps="execution"),
            host=url.hostname or "127.0.0.1",
            port=url.port or 80,
            log_level="warning",
            access_log=False,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, name="execution-api", daemon=True)
        thread.start()
        deadline = time.monotonic() + 60
        while not server.started:
            if time.monotonic() > deadline or not thread.is_alive():
                raise ExecutionApiFailed(
                    f"Airflow's execution API does not listen on port {url.port}; "
                    "free the port or set LEDGERLINE_PORT_BASE"
                )
            time.sleep(0.02)
        self._server = server
        if (started := type(self).on_started) is not None:
            started()

    def end(self) -> None:
        """Wait for running tasks, then stop the API."""
        super().end()
        if self._server is not None:
            self._server.should_exit = True
