"""Kill Airflow's processes while discharges come; count what came of each of them.

`python -m tests.torture.event_kills [EVENTS A_SECOND]` (200 1) makes a sandbox hospital
with its real Tryton (LEDGERLINE_BENCH_HOME keeps it for the next time), starts what
`ledgerline up` starts, and sends that many outpatient visits (A04, A03) over MLLP,
every tenth discharge twice. Meanwhile api-server, scheduler, scheduler with its
workers, triggerer, and all of them are killed in turn, and started again after a while
as `ledgerline up` does. Nobody marks or clears anything. It ends with 1 where an
acknowledged event has not its event, handlers, steps and document exactly once, read
back from the ERP.
"""

import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg

from bench.discharges import Stack as Discharges
from ledgerline.events.workflow.event import EventKind
from ledgerline.events.workflow.handlers import HANDLERS
from tests.conftest import free_port_base
from tests.torture.books import faults
from tests.torture.stack import Stack

AWAY_SECONDS = 10.0
DRAIN_SECONDS = 1800.0
STEPS = ["billing_review", "consumption_posting"]
"""What a discharge from a clinic expects: nobody left a bed, no drug was ordered."""

RUNNING = """
select coalesce(string_agg(distinct dag_id, ', ' order by dag_id), 'no task')
from task_instance where state = 'running'
"""
MESSAGES = """
with message as (
    select control_id, count(*) as times, bool_and(file_id is not null) as is_landed
    from raw_ehr.inbox where control_id = any(%(messages)s::text []) group by control_id
)

select
    cardinality(%(messages)s::text []) - count(*),
    count(*) filter (where not is_landed),
    count(*) filter (where times > 1)
from message
"""
EVENTS = """
select
    asked.account,
    (
        select count(*) from ops.event as event
        where event.subject_id = asked.account and event.kind = %(kind)s
    ),
    (
        select coalesce(array_agg(delivery.handler order by delivery.handler), '{}')
        from ops.event_delivery as delivery
        inner join ops.event as event using (event_id)
        where event.subject_id = asked.account and delivery.state = 'done'
    ),
    (
        select coalesce(array_agg(step.step order by step.step), '{}')
        from ops.expected_step as step
        inner join ops.event as event using (event_id)
        where event.subject_id = asked.account and step.withdrawn_at is null
    ),
    (
        select count(*) from ops.expected_step as step
        inner join ops.event as event using (event_id)
        where event.subject_id = asked.account and step.happened_at is not null
    )
from unnest(%(accounts)s::text []) as asked (account)
"""


class Load:
    """Visits on their way over MLLP, and what must have come of them."""

    def __init__(self, discharges):
        self.discharges = discharges
        self.accounts = discharges.accounts[2:]
        self.acknowledged = {}

    def send(self, a_second):
        """Send each visit at its time; note when its discharge was acknowledged."""
        self.acknowledged = self.discharges.discharge(
            self.accounts, a_second, twice_every=10
        )

    def faults(self, hospital):
        """What is lost, doubled or not done, as counts; all should be 0."""
        wanted = {
            "messages": [f"{t}{a}" for a in self.acknowledged for t in ("A04", "A03")],
            "accounts": [*self.acknowledged],
            "kind": EventKind.ENCOUNTER_COMPLETED,
        }
        with psycopg.connect(hospital.dsn) as connection:
            messages = connection.execute(MESSAGES, wanted).fetchone()
            rows = connection.execute(EVENTS, wanted).fetchall()
        done = sorted(each.__name__ for each in HANDLERS[wanted["kind"]])
        return {
            **zip_names("messages lost, not landed, landed twice", messages),
            "discharges without an event": sum(row[1] == 0 for row in rows),
            "discharges with more than one": sum(row[1] > 1 for row in rows),
            "handlers not exactly once": sum(row[2] != done for row in rows),
            "steps not as expected": sum(row[3] != STEPS for row in rows),
            "steps that did not happen": sum(row[4] != len(STEPS) for row in rows),
            "not in the ERP": len(rows) - len(self.posted()),
            **faults(hospital),
        }

    def posted(self):
        return self.discharges.posted([*self.acknowledged])

    def is_drained(self, hospital):
        """Tell whether all is posted, handled and seen to have happened."""
        return len(self.posted()) == len(self.accounts) and not any(
            self.faults(hospital).values()
        )


def zip_names(names, counts):
    return dict(zip(names.split(", "), counts, strict=True))


def kill(stack, names, has_children):
    """Kill processes, leave them dead for a while, start them again; say what ran."""
    with psycopg.connect(stack.hospital.dsn, dbname="airflow") as look:
        (ran,) = look.execute(RUNNING).fetchone()
    for name in names:
        members = stack.members(name)
        stack.kill(*(members if has_children else members[:1]))
    time.sleep(AWAY_SECONDS)
    stack.revive()
    whole = " and its children" if has_children else ""
    print(f"killed: {', '.join(names)}{whole}; under way: {ran}", flush=True)


KILLS = (
    (("api-server",), True),
    (("scheduler",), False),
    (("scheduler",), True),
    (("triggerer",), True),
    (("api-server", "scheduler", "triggerer"), True),
)


def torture(stack, load, a_second):
    """Send, kill meanwhile, wait until the backlog is worked off; print what is off."""
    pause = len(load.accounts) / a_second / (len(KILLS) + 1)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(load.send, a_second)
        began = time.monotonic()
        for number, (names, has_children) in enumerate(KILLS, 1):
            time.sleep(max(began + number * pause - time.monotonic(), 0))
            assert not sending.done(), "the load is over"
            kill(stack, names, has_children)
        sending.result()
    last = max(load.acknowledged.values())
    backlog = len(load.accounts) - len(load.posted())
    load.discharges.until(lambda: load.is_drained(stack.hospital), DRAIN_SECONDS)
    found = load.faults(stack.hospital)
    drained = max(times[-1].timestamp() for times in load.posted().values()) - last
    print(
        f"{len(load.acknowledged)} discharges acknowledged, {backlog} not in the ERP at"
        f" the last one; the last document {drained:.0f} s after it"
    )
    for name, count in found.items():
        print(f"  {name:<32} {count}")
    return found


def main(count=200, a_second=1.0):
    kept = os.environ.get("LEDGERLINE_BENCH_HOME")
    home = Path(kept or tempfile.mkdtemp(prefix="ledgerline-torture-"))
    home.chmod(0o755)
    os.environ["LEDGERLINE_INCREMENTS"] = "1"
    base = int(os.environ.get("LEDGERLINE_PORT_BASE") or free_port_base())
    stack = Stack(home, base)
    discharges = Discharges(home, count, stack.hospital.environment)
    try:
        discharges.start()
        discharges.warm()
        found = torture(stack, Load(discharges), a_second)
        differs = discharges.ledgerline("reconcile")
    finally:
        discharges.ledgerline("down")
    print(f"outbox, ledger and ERP {'differ' if differs else 'agree'}")
    return any(found.values()) or bool(differs)


if __name__ == "__main__":
    numbers = zip((int, float), sys.argv[1:3], strict=False)
    sys.exit(main(*(kind(text) for kind, text in numbers)))
