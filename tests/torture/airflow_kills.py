"""Kill and mishandle Airflow while it posts; read every document back from the ERP.

`python -m tests.torture.airflow_kills [CASE …]` runs a hospital of its own under
Airflow's scheduler, api-server and workers, with a real PostgreSQL and a real Tryton,
and prints one line a case. It ends with 1 at the first document lost, doubled, wrong
or past the gate. About 25 minutes on two cores.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.conftest import free_port_base
from tests.torture import cases, gate_cases
from tests.torture.books import faults
from tests.torture.hospital_day import HospitalDay

LATE = "835_*_NRC_P_*.edi"
"""The remittances that are late: the four smallest of these."""


class Torture:
    """The cases in turn, over one hospital."""

    def __init__(self, stack):
        self.stack = stack
        self.hospital = stack.hospital
        self.count = 0
        self.failed = []

    def open_the_hospital(self):
        """Publish and post everything but some remittances, which are late."""
        stack = self.stack
        stack.command("prepare")
        stack.declare_times()
        billing = self.hospital.home / "sandbox" / "billing"
        late = sorted(billing.glob(LATE), key=lambda path: path.stat().st_size)[:4]
        waiting = [path.rename(self.hospital.home / path.name) for path in late]
        stack.command("up")
        stack.first_posting()
        for path in waiting:
            path.rename(billing / path.name)
        self.check("a day without injury", 0, time.monotonic())

    def judge(self):
        """The gate's cases: afterwards there are two publications that differ."""
        stack = self.stack
        before = stack.documents()
        run = self.timed(gate_cases.checks_marked_success, stack)
        self.timed(gate_cases.gate_marked_success, stack, run)
        self.timed(gate_cases.publication_marked_success, stack, run)
        assert stack.documents() == before, "posted past the gate"
        gate_cases.checked_after_all(stack, run)
        stack.settle()
        assert stack.documents() > before, "the late input makes no document"

    def injure(self, chosen):
        """Each case in turn has documents due: the other publication is shown again."""
        for case in cases.IN_TURN:
            if not chosen or case.__name__ in chosen:
                self.stack.publish_the_other()
                before = self.stack.documents()
                self.timed(case, self.stack)
                assert self.stack.documents() > before, "nothing was due"

    def timed(self, case, *subjects):
        began, before = time.monotonic(), self.stack.documents()
        result = case(*subjects)
        self.stack.settle()
        self.check(case.__name__, self.stack.documents() - before, began)
        return result

    def check(self, name, posted, began):
        """Hold outbox, ledger and ERP against one another; print one line."""
        found = {key: count for key, count in faults(self.hospital).items() if count}
        seconds = time.monotonic() - began
        self.count += name in {each.__name__ for each in cases.IN_TURN + gate_cases.ALL}
        self.failed += [name] if found else []
        told = f"{self.count:2} {name.replace('_', ' '):<42} {posted:4} documents"
        print(
            f"{told} {seconds:5.0f} s  {found or 'nothing lost or doubled'}", flush=True
        )


def main():
    began = time.monotonic()
    home = Path(tempfile.mkdtemp(prefix="ledgerline-torture-"))
    home.chmod(0o755)
    stack = HospitalDay(home, free_port_base())
    torture = Torture(stack)
    try:
        torture.open_the_hospital()
        torture.judge()
        torture.injure(set(sys.argv[1:]))
        posted, even = stack.documents(), stack.is_even()
    finally:
        stack.hospital.ledgerline("down")
    shutil.rmtree(home)
    print(
        f"{torture.count} cases, {posted} documents, {len(torture.failed)} cases with "
        f"faults, reconciliation {'even' if even else 'NOT even'}, "
        f"{(time.monotonic() - began) / 60:.0f} minutes"
    )
    sys.exit(bool(torture.failed) or not even)


if __name__ == "__main__":
    main()
