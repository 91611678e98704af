"""Seconds until the first chart of a page is drawn, in a browser that has seen it.

`python bench/dashboards.py [TIMES]` (5) makes a sandbox hospital (LEDGERLINE_BENCH_HOME
keeps it for the next time), starts Superset on it and opens each page of executives in
a common window: once, then so many times. Superset's own list of dashboards, which
holds nothing of ours, is opened just as often: the ratio to it holds on any machine.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "include"), str(ROOT)]

from ledgerline import settings
from ledgerline.dashboards import load
from ledgerline.runtime.superset import service
from ledgerline.runtime.superset.dashboards import import_dashboards
from ledgerline.runtime.warehouse import role_dsn
from tests.conftest import free_port_base, open_browser
from tests.hospital import Hospital
from tests.warehouse.dashboard_reading import Reader

GOAL = 4.0
IS_DRAWN = """() => [...document.querySelectorAll('[data-test-chart-name]')].some(
    chart => chart.querySelector('canvas, .header-line, tbody td'))"""
IS_LISTED = "() => document.querySelector('tbody td') !== null"


def seconds(page, address: str, drawn: str) -> float:
    """Open a page, return how long something of it takes; let the rest of it end."""
    begun = time.monotonic()
    page.goto(address, wait_until="commit")
    page.wait_for_function(drawn, polling=30)
    taken = time.monotonic() - begun
    page.wait_for_load_state("networkidle")
    return taken


def openings(page, address: str, drawn: str, times: int) -> list[float]:
    """Open a page once, and return what it takes so many times more."""
    return [seconds(page, address, drawn) for _ in range(times + 1)][1:]


def tell(name: str, opened: list[float], own: list[float]) -> None:
    """Print what a page takes, also against Superset's own list."""
    middle = statistics.median(opened)
    print(
        f"dashboards: {name:<26} {middle:.1f} s, {min(opened):.1f} to "
        f"{max(opened):.1f} s, {middle / statistics.median(own):.2f} of its own list"
    )


def measure(reader: Reader, times: int) -> None:
    """Print how soon each page of executives is drawn."""
    page = reader.page
    page.set_viewport_size({"width": 1440, "height": 900})
    own = openings(page, f"{reader.url}/dashboard/list/", IS_LISTED, times)
    tell("Superset's own list", own, own)
    for each in load().pages:
        if "Executive" in each.roles:
            address = f"{reader.url}/superset/dashboard/{each.slug}/"
            tell(each.slug, openings(page, address, IS_DRAWN, times), own)
    print(
        f"dashboards: goal {GOAL:g} s; "
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )


def main(times: int = 5) -> None:
    """Make the hospital, start Superset, measure, stop everything."""
    kept = os.environ.get("LEDGERLINE_BENCH_HOME")
    home = Path(kept or tempfile.mkdtemp(prefix="bench_dashboards_"))
    home.chmod(0o755)
    hospital = Hospital(home, free_port_base())
    here = settings.load(hospital.environment)
    try:
        done = hospital.run()
        assert done.returncode == 0, done.stdout[-2000:]
        service.start(here)
        import_dashboards(here, role_dsn(here, "owner"))
        for browser in open_browser():
            measure(Reader(browser, here, "executive"), times)
    finally:
        hospital.ledgerline("down")


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:2]))
