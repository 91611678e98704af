"""Try the tests on mutants: `python -m tests.mutation [TARGET ...]`.

The mutants of Python, of the database's rules and of dbt models go through one loop, in
one process a target. mutmut knows Python only, and copies the sources to fork from.

At most LEDGERLINE_MUTANTS of a target are tried, always the same ones. Fails when a
target kills less than its share, when a survivor is not in survivors.csv with a reason,
and when one that is listed there is killed.
"""

import csv
import os
import sys
import tempfile
from pathlib import Path

from tests.mutation.session import run
from tests.mutation.targets import TARGETS

LISTED = Path(__file__).with_name("survivors.csv")
SHARE = 0.9
LIMIT = int(os.environ.get("LEDGERLINE_MUTANTS", "150"))
MEMORY = Path("/dev/shm")


def main(names):
    """Return how many things are wrong, having said each."""
    reasons = read_reasons()
    wrong, table = [], []
    for target in TARGETS:
        if names and target.name not in names:
            continue
        print(f"== {target.name}", flush=True)
        root = MEMORY if MEMORY.is_dir() else None
        with tempfile.TemporaryDirectory(prefix="mutation-", dir=root) as name:
            folder = Path(name)
            folder.chmod(0o711)
            chosen = ["-k", f"not ({target.slow})"] if target.slow else []
            tests = [*target.tests, *chosen]
            found = run(target.mutants, tests, LIMIT, folder)
        wrong += verdict(target.name, found, reasons.get(target.name, {}))
        share = len(found.killed) / found.total
        table.append(
            f"{target.name:18} {len(found.killed):4}/{found.total} {share:.1%}"
        )
    print("\n".join(["", "target             killed", *table, *wrong]))
    return len(wrong)


def read_reasons():
    """Return by target why each listed mutant may live."""
    reasons = {}
    with LISTED.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            reasons.setdefault(row["target"], {})[row["mutant"]] = row["reason"]
    return reasons


def verdict(name, found, reasons):
    """Say what is wrong with one target's outcome."""
    wrong = [
        f"{name}: survived and is not listed with a reason: {each}"
        for each in sorted(found.survived)
        if not reasons.get(each, "").strip()
    ]
    wrong += [
        f"{name}: is listed as a survivor and was killed: {each}"
        for each in sorted(found.killed & reasons.keys())
    ]
    if len(found.killed) < SHARE * found.total:
        wrong.append(f"{name}: fewer than {SHARE:.0%} were killed")
    return wrong


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
