"""How long one query takes that reads the whole chain of an encounter.

`python bench/trace.py` asks the warehouse of the home (LEDGERLINE_HOME), which must be
running: `make run` leaves it so. Every encounter is asked once, in an order that is no
order of anything; the reader's own time to take the rows is in the figures.
"""

import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "include"))

import psycopg

from ledgerline import settings
from ledgerline.lineage.chain import correlate
from ledgerline.runtime.warehouse import role_dsn

GOAL = 0.2
AT_MOST = 2_000
CHAIN = "select * from ops.encounter_trace where encounter_id = %s"
ENCOUNTERS = """
select encounter_id from conformed.fct_encounter order by md5(encounter_id) limit %s
"""


def main():
    dsn = role_dsn(settings.load(), "owner")
    try:
        correlate(dsn)
        with psycopg.connect(dsn) as connection:
            found = connection.execute(ENCOUNTERS, [AT_MOST]).fetchall()
            measured = [seconds(connection, encounter) for (encounter,) in found]
    except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
        print("no warehouse with encounters runs here; `make run` starts one")
        return
    cuts = statistics.quantiles(measured, n=100)
    print(
        f"{len(measured)} chains, one query each: half in {cuts[49] * 1000:.0f} ms, "
        f"95 % in {cuts[94] * 1000:.0f} ms, longest {max(measured) * 1000:.0f} ms"
    )
    sys.exit(0 if cuts[94] <= GOAL else 1)


def seconds(connection, encounter):
    begun = time.perf_counter()
    rows = connection.execute(CHAIN, [encounter]).fetchall()
    assert rows, encounter
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
