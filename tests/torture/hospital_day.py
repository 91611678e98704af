"""A hospital's publications: the first, one with late input, and back again."""

from tests.torture.airflow import OPEN
from tests.torture.stack import Stack, wait

EXTRACTS = "extract_ehr", "extract_billing", "extract_erp"
BUILD = "build_warehouse"
BUILT = (
    "select publication_id from ops.publication "
    "where restores_publication_id is null order by publication_id"
)
SHOWN = (
    "select coalesce(restores_publication_id, publication_id) from ops.publication "
    "order by publication_id desc limit 1"
)


class HospitalDay(Stack):
    """A stack with builds, publications and the documents they ask for."""

    def documents(self):
        """How many documents we have booked."""
        return self.hospital.value("select count(*) from post.ledger")

    def first_posting(self):
        """`up` has started the extracts; wait until all that follows is posted."""
        wait(lambda: self.hospital.rows(BUILT), 900, "nothing is published")
        wait(lambda: self.documents(), 300, "nothing is posted")
        self.settle(900)

    def build_until(self, task):
        """Land what is new and build it; return the run once the task runs."""
        for dag in EXTRACTS:
            self.airflow.trigger(dag)
        wait(lambda: self.airflow.open_runs(BUILD), 180, "no build starts")
        (run,) = self.airflow.open_runs(BUILD)
        running = "running"
        wait(lambda: self.task_state(run, task) == running, 300, f"{task} does not run")
        return run

    def end_build(self, run):
        wait(
            lambda: self.airflow.state(run, BUILD) not in OPEN,
            600,
            "the build does not end",
        )

    def task_state(self, run, task):
        return self.airflow.task(run, task, BUILD)["state"]

    def publish_the_other(self):
        """Show again the publication that is not shown: its difference is due."""
        first, *_, last = [number for (number,) in self.hospital.rows(BUILT)]
        shown = self.hospital.value(SHOWN)
        self.command("publications", "revert", str(first if shown == last else last))

    def posting_now(self):
        """How many tasks of the posting run."""
        runs = self.airflow.open_runs()
        return sum(self.airflow.task(run)["state"] == "running" for run in runs)

    def is_even(self):
        return "0.00" in self.command("reconcile")
