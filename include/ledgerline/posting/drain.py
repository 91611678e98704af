"""Drain: let one worker send what is READY to the ERP, and tell what it came to."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field

import psycopg

from ledgerline.canonical.errors import ConfigurationInvalid, SourceUnavailable
from ledgerline.posting.command import State, Stop
from ledgerline.posting.port import ErpPort, Policy
from ledgerline.posting.repository import breaker, outbox, planning
from ledgerline.posting.route.breaker import Position, admit
from ledgerline.posting.worker.performer import Tally, Worker
from ledgerline.store.engine import Connection

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class DrainReport:
    """What one drain did, and what it left behind."""

    posted: int = 0
    rejected: int = 0
    conflicts: int = 0
    dead: int = 0
    waiting: int = 0
    held: int = 0
    documents: tuple[str, ...] = field(default=(), repr=False)
    stop: Stop = Stop.DRAINED
    seconds: float = 0.0


def drain(dsn: str, port: ErpPort, policy: Policy | None = None) -> DrainReport:
    """Send every READY entry once, and settle what earlier runs left in doubt.

    Safe to run again after any crash, and in several processes at once.
    """
    profile = port.profile
    if not profile.is_safe:
        raise ConfigurationInvalid(
            "the ERP keeps no identity of our documents (profile "
            f"{profile.identity}); declare how long a request may stay in flight and "
            "that the network duplicates none, or post by hand"
        )
    began = time.monotonic()
    try:
        with planning.connection(dsn) as connection:
            if outbox.seconds_to_next(connection, port.name) is None:
                return _report(connection, Tally(), Stop.DRAINED, began)
            chosen = policy or outbox.policy(connection, port.name, Policy.of(profile))
            _check(connection, port, chosen)
            outbox.plan_once(connection)
            worker = Worker(connection, port, chosen)
            stop = worker.run()
            report = _report(connection, worker.tally, stop, began)
    except psycopg.OperationalError as error:
        raise SourceUnavailable(
            "the warehouse database went away while posting; nothing is lost: start "
            "it and run the same again"
        ) from error
    if stop is Stop.ERP_UNREACHABLE:
        raise SourceUnavailable(
            f"the ERP stopped answering; {report.posted} documents were posted and "
            f"{report.waiting} wait: start it and run the same again"
        )
    return report


def drain_by_routes(
    dsn: str, port: ErpPort, fallback: ErpPort | None, policy: Policy | None = None
) -> list[DrainReport]:
    """Drain, and by the fallback what the first way leaves to it.

    The fallback takes what the breaker keeps from the first way, and settles what was
    sent by it before; what an attempt left in doubt stays on its way.
    """
    with planning.connection(dsn) as connection:
        named = breaker.fallback_of(connection, port.name)
    if fallback is None or fallback.name != named:
        return [drain(dsn, port, policy)]
    try:
        return [drain(dsn, port, policy), drain(dsn, fallback, policy)]
    except SourceUnavailable:
        with planning.connection(dsn) as connection:
            first, _ = breaker.look(connection, port.name)
        if first.position is Position.CLOSED:
            raise
    return [drain(dsn, fallback, policy)]


def _check(connection: Connection, port: ErpPort, policy: Policy) -> None:
    """See whether the ERP is there, unless it is to be left alone."""
    seen, now = breaker.look(connection, port.name)
    if admit(seen, now, policy) is None:
        log.warning(
            "the ERP did not answer %d calls and is left alone for %.0f seconds more",
            *(seen.failures, seen.until - now),
        )
        return
    try:
        port.check()
    except SourceUnavailable:
        breaker.note_call(connection, port.name, policy, is_failure=True)
        raise


def _report(
    connection: Connection, tally: Tally, stop: Stop, began: float
) -> DrainReport:
    left = outbox.count_by_state(connection)
    moving = (State.CLAIMED, State.SENDING, State.UNKNOWN)
    return DrainReport(
        posted=tally.steps[State.POSTED],
        rejected=tally.steps[State.REJECTED],
        conflicts=tally.steps[State.CONFLICT],
        dead=tally.steps[State.DEAD],
        waiting=sum(left.get(state, 0) for state in (*moving, State.READY)),
        held=left.get(State.HELD, 0),
        documents=tuple(tally.documents),
        stop=stop,
        seconds=time.monotonic() - began,
    )
