"""One session of pytest that runs the same tests against one mutant after the other."""

import signal
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256

import pytest
from _pytest.runner import runtestprotocol

from ledgerline.runtime.host import account
from tests.mutation.mutant import Stillborn, told_apart

SECONDS = 60
"""A test that takes longer has noticed; an hour is for the unmutated ones."""
SEED = 20261128


class TestsFailUnmutated(Exception):
    """The tests fail without a mutant, so that they would kill all of them."""


@dataclass(kw_only=True)
class Outcome:
    """The mutants of one target: how many were tried, and who lived."""

    killed: set[str] = field(default_factory=set)
    survived: set[str] = field(default_factory=set)

    @property
    def total(self):
        return len(self.killed) + len(self.survived)


class Loop:
    """A plugin of pytest: its loop over the tests, once a mutant.

    `mutants` is given the server's fixtures, if a test asked for them, and yields the
    mutants; at most `limit` of them are tried, drawn by a seed.
    """

    def __init__(self, mutants, limit):
        """Try the mutants that `mutants` names, at most so many."""
        self._mutants, self._limit = mutants, limit
        self._server = None
        self.outcome = Outcome()
        self.failure = ""

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef):
        """Keep the embedded PostgreSQL that the tests use."""
        made = yield
        if fixturedef.argname == "postgres_server":
            self._server = made.get_result()

    def pytest_runtestloop(self, session):
        """Run all tests unmutated, then until the first failure of each mutant."""
        items = list(session.items)
        self.failure = self._first_failure(session, items, seconds=3600)
        if self.failure:
            return True
        drawn = sorted(told_apart(self._mutants(self._server)), key=_draw)
        for mutant in drawn[: self._limit]:
            try:
                with mutant.alive():
                    is_killed = bool(self._first_failure(session, items))
            except Stillborn:
                continue
            found = self.outcome.killed if is_killed else self.outcome.survived
            found.add(mutant.name)
            print("." if is_killed else f"\nsurvived {mutant.name}", end="", flush=True)
        session._setupstate.teardown_exact(None)
        return True

    def _first_failure(self, session, items, *, seconds=SECONDS):
        """Return how the first test fails; it comes first for the next mutant."""
        for at, item in enumerate(items):
            following = items[at + 1] if at + 1 < len(items) else Root(session)
            with _time_limit(seconds):
                reports = runtestprotocol(item, log=False, nextitem=following)
            failed = [report for report in reports if report.failed]
            if failed:
                session._setupstate.teardown_exact(Root(session))
                items.insert(0, items.pop(at))
                return str(failed[0].longrepr)
        return ""


def _draw(mutant):
    """A place in the draw that no other mutant changes by coming or going."""
    return sha256(f"{SEED} {mutant.name}".encode()).digest()


class Root:
    """What comes next is of the session, and of nothing narrower: its fixtures stay."""

    def __init__(self, session):
        """Name the session."""
        self._session = session

    def listchain(self):
        """Return the collectors whose fixtures stay."""
        return [self._session]


@contextmanager
def _time_limit(seconds):
    def give_up(number, frame):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def run(mutants, tests, limit, folder):
    """Return which mutants the tests kill; servers keep their data in the folder."""
    account.FALLBACK = folder
    loop = Loop(mutants, limit)
    options = ["-qq", "--no-summary", f"--basetemp={folder / 'tests'}"]
    pytest.main([*options, *tests], plugins=[loop])
    if loop.failure or not loop.outcome.total:
        raise TestsFailUnmutated(loop.failure or f"no mutant of {tests} was tried")
    sys.stdout.write("\n")
    return loop.outcome
