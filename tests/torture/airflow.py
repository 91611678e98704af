"""Airflow as a person uses it: its public API, with that person's account."""

import time
from datetime import UTC, datetime

import httpx

POSTING, POST_ENTRIES = "post_to_erp", "post_entries"
OPEN = ("queued", "running")


class Airflow:
    """The API of one running stack."""

    def __init__(self, port, password, user="admin"):
        self._origin = f"http://127.0.0.1:{port}"
        self._account = {"username": user, "password": password}
        self._headers = {}

    def ask(self, method, path, **json):
        """Call the API, signing in when need be; wait for a server that is down."""
        for _ in range(240):
            try:
                answer = self._call(method, path, json)
            except httpx.TransportError:
                time.sleep(0.5)
                continue
            if answer.status_code != httpx.codes.UNAUTHORIZED:
                break
            self._sign_in()
        if answer.is_error:
            raise AssertionError(f"{method} {path}: {answer.text[:300]}")
        return answer.json() if answer.content else None

    def _call(self, method, path, json):
        return httpx.request(
            method,
            f"{self._origin}/api/v2{path}",
            json=json or None,
            headers=self._headers,
            timeout=60,
            trust_env=False,
        )

    def _sign_in(self):
        url = f"{self._origin}/auth/token"
        token = httpx.post(url, json=self._account, timeout=60, trust_env=False)
        self._headers = {"Authorization": f"Bearer {token.json()['access_token']}"}

    def trigger(self, dag=POSTING, **conf):
        """Start a run with parameters; return its id."""
        path = f"/dags/{dag}/dagRuns"
        return self.ask("POST", path, logical_date=None, conf=conf)["dag_run_id"]

    def answer(self, run, task, dag, option):
        """Answer the required action that a task waits for."""
        path = f"/dags/{dag}/dagRuns/{run}/taskInstances/{task}/-1/hitlDetails"
        self.ask("PATCH", path, chosen_options=[option], params_input={})

    def runs(self, dag=POSTING):
        """The newest runs of a DAG."""
        path = f"/dags/{dag}/dagRuns?order_by=-run_after&limit=50"
        return self.ask("GET", path)["dag_runs"]

    def open_runs(self, dag=POSTING):
        return [run["dag_run_id"] for run in self.runs(dag) if run["state"] in OPEN]

    def state(self, run, dag=POSTING):
        return self.ask("GET", f"/dags/{dag}/dagRuns/{run}")["state"]

    def task(self, run, task=POST_ENTRIES, dag=POSTING):
        """A task of a run: its state, try and process."""
        return self.ask("GET", f"/dags/{dag}/dagRuns/{run}/taskInstances/{task}")

    def mark(self, run, state, task=POST_ENTRIES, dag=POSTING):
        """Set a task's state by hand."""
        path = f"/dags/{dag}/dagRuns/{run}/taskInstances/{task}"
        self.ask("PATCH", path, new_state=state)

    def clear(self, run, task=POST_ENTRIES, dag=POSTING, **more):
        """Let a task run again, whatever its state."""
        self.ask(
            "POST",
            f"/dags/{dag}/clearTaskInstances",
            dry_run=False,
            only_failed=False,
            dag_run_id=run,
            task_ids=[task],
            **more,
        )

    def fail(self, run, dag=POSTING):
        """End a whole run by hand: a running one cannot be deleted."""
        self.ask("PATCH", f"/dags/{dag}/dagRuns/{run}", state="failed")

    def delete(self, run, dag=POSTING):
        self.ask("DELETE", f"/dags/{dag}/dagRuns/{run}")

    def backfill(self, begin: datetime, end: datetime, dag=POSTING):
        """Run every quarter of an hour between two times again, all at once."""
        self.ask(
            "POST",
            "/backfills",
            dag_id=dag,
            from_date=begin.astimezone(UTC).isoformat(),
            to_date=end.astimezone(UTC).isoformat(),
            reprocess_behavior="completed",
            max_active_runs=4,
        )
