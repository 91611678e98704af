"""The cost engine compared with the facts it reads, in CPU-seconds of the database.

`python bench/costing.py` lands the sandbox hospital on an embedded PostgreSQL, copies
its records into five years until they bill LEDGERLINE_BENCH_LINES charge lines
(1000000), the ledger with them, and builds the engine and what it is made of: moves
between cost centers, both allocations of overhead, the cost of every charge, encounter
and version of the cost model. The facts are all models that it reads, from staging on.
Nothing of it is left behind.
"""

import os

from warehouse import PROJECT, YEARS, Watch, open_scope, read_manifest, started

from tests.warehouse.build import assert_dbt

LINES = int(os.environ.get("LEDGERLINE_BENCH_LINES", "1000000"))
FOLDER = "intermediate/cost/"
MOST = 0.5
"""What the engine may take of what its facts take."""


def engine(manifest):
    """Return the models of the engine: its folder, and the facts that read it."""
    models = {
        name: node
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }
    inner = {n for n, node in models.items() if node["path"].startswith(FOLDER)}
    return inner | {
        name
        for name, node in models.items()
        if node["path"].startswith("conformed/")
        and inner.intersection(node["depends_on"]["nodes"])
    }


def read_by(manifest, names):
    """Return the models that some others are made of, themselves apart."""
    found, waiting = set(), list(names)
    while waiting:
        for parent in manifest["parent_map"].get(waiting.pop(), ()):
            if parent.startswith("model.") and parent not in found | names:
                found.add(parent)
                waiting.append(parent)
    return found


def tell(manifest, nodes):
    """Print what the engine took, and return its part of what its facts took."""
    names = engine(manifest)
    cost = sum(nodes[name] for name in names)
    facts = sum(nodes[name] for name in read_by(manifest, names))
    print(
        f"cost engine / the facts it reads: {cost / facts:.1%} "
        f"({cost:.1f} of {facts:.1f} CPU-s, {len(names)} models)  goal <= {MOST:.0%}"
    )
    return cost / facts


def main():
    """Build the engine and its facts once; fail if it is over its part."""
    with started() as bench:
        bench.grow(LINES)
        bench.run("copy_ledger", copies=bench.copies, years=YEARS)
        print(f"== {bench.run('lines')} charge lines", flush=True)
        open_scope(bench.dsn, PROJECT)
        target = bench.home / "dbt"
        assert_dbt(bench.dsn, target, bench.password, "seed")
        manifest = read_manifest(target / "manifest.json")
        selected = [f"+{name.rsplit('.', 1)[1]}" for name in sorted(engine(manifest))]
        with Watch(bench.server) as took:
            assert_dbt(
                *(bench.dsn, target, bench.password),
                *("run", "--select", *selected),
                threads=2,
            )
        costed = bench.run("costed")
        print(f"{costed:.0%} of the ledger's cost is in encounters")
        share = tell(manifest, took.nodes)
        took.tell_nodes()
    if share > MOST:
        raise SystemExit(f"over {MOST:.0%} of the facts")


if __name__ == "__main__":
    main()
