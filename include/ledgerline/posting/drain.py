"""Drain: carry out the posting protocol against the database and the ERP."""

from __future__ import annotations

import logging
import os
import socket
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg

from ledgerline.canonical.errors import (
    ConfigurationInvalid,
    Retriable,
    SourceUnavailable,
)
from ledgerline.posting import protocol
from ledgerline.posting.document import Document, Journal, Requisition
from ledgerline.posting.port import Answer, ErpPort, FoundDocument, Policy
from ledgerline.posting.protocol import Queue, State, Stop, Work
from ledgerline.posting.repository import breaker, outbox, planning
from ledgerline.posting.route.breaker import Position, admit, is_failing
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
                return _report(connection, _Tally(), Stop.DRAINED, began)
            chosen = policy or outbox.policy(connection, port.name, Policy.of(profile))
            _check(connection, port, chosen)
            worker = _Worker(connection, port, chosen)
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


@dataclass(kw_only=True)
class _Tally:
    steps: Counter[State] = field(default_factory=Counter)
    documents: list[str] = field(default_factory=list)


class _Worker:
    """One worker: performs each command that the protocol yields."""

    def __init__(self, connection: Connection, port: ErpPort, policy: Policy) -> None:
        self._connection = connection
        self._port = port
        self._policy = policy
        self._name = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._is_waiting = False
        self._sent_at = 0.0
        self.tally = _Tally()

    def run(self) -> Stop:
        """Work until the protocol says stop."""
        steps = protocol.work(self._policy)
        answer: Any = None
        while True:
            try:
                command = steps.send(answer)
            except StopIteration as end:
                return Stop(end.value)
            answer = self._perform(command)

    def _perform(self, command: protocol.Command) -> object:
        performers: dict[type, Callable[[Any], object]] = {
            protocol.Take: self._take,
            protocol.WriteAhead: self._write_ahead,
            protocol.Send: self._send,
            protocol.ReadBack: self._read_back,
            protocol.Move: self._move,
            protocol.NextDue: lambda _: outbox.seconds_to_next(
                self._connection, self._port.name
            ),
            protocol.Now: lambda _: time.monotonic(),
            protocol.Wait: self._wait,
        }
        return performers[type(command)](command)

    def _take(self, command: protocol.Take) -> Work | None:
        began = time.monotonic()
        policy = self._policy
        takers: dict[Queue, Callable[[], Work | None]] = {
            Queue.EXPIRED: lambda: outbox.take_expired(self._connection),
            Queue.SPENT: lambda: outbox.take_spent(self._connection, policy),
            Queue.UNKNOWN: lambda: outbox.take_unknown(
                self._connection, self._port.name, self._name, policy.lease_seconds
            ),
            Queue.READY: self._take_ready,
        }
        work = takers[command.queue]()
        if work is None:
            return None
        # Measured from before the claim: our view of the lease ends first.
        return replace(work, lease_until=began + policy.lease_seconds)

    def _take_ready(self) -> Work | None:
        """Take what may be sent; unless the breaker is closed one goes as a probe."""
        connection, name = self._connection, self._port.name
        lease = self._policy.lease_seconds
        if breaker.look(connection, name)[0].position is Position.CLOSED:
            return outbox.take_ready(connection, name, self._name, lease)
        with connection.transaction():
            found, now = breaker.lock(connection, name)
            passed = admit(found, now, self._policy)
            if passed is None:
                return None
            work = outbox.take_ready(connection, name, self._name, lease)
            if work is not None:
                breaker.save(connection, name, passed)
            return work

    def _write_ahead(self, command: protocol.WriteAhead) -> bool:
        return outbox.write_ahead(
            self._connection,
            command.work,
            self._port.name,
            self._name,
            self._policy.quiet_seconds,
        )

    def _send(self, command: protocol.Send) -> Answer:
        work = command.work
        self._sent_at = time.monotonic()
        answer = self._call(work.document, is_resend=work.attempts > 0)
        is_failure = is_failing(answer)
        breaker.note_call(
            self._connection, self._port.name, self._policy, is_failure=is_failure
        )
        return answer

    def _call(self, document: Document, *, is_resend: bool) -> Answer:
        if isinstance(document, Journal):
            return self._port.post_journal(document, is_resend=is_resend)
        if isinstance(document, Requisition):
            return self._port.post_requisition(document, is_resend=is_resend)
        return self._port.post_stock_issue(document, is_resend=is_resend)

    def _read_back(self, command: protocol.ReadBack) -> Sequence[FoundDocument] | None:
        work = command.work
        try:
            return self._port.find(work.document)
        except Retriable as error:
            log.warning("read-back of %s: %s", work.document.reference, error)
            return None

    def _move(self, command: protocol.Move) -> bool:
        work, step = command.work, command.transition
        if command.source is State.UNKNOWN and step.state is State.UNKNOWN:
            outbox.postpone(self._connection, work, step)
            return True
        moved = outbox.move(self._connection, work, command.source, step)
        if moved:
            self._note(work, step)
        if command.source is State.SENDING:
            self._keep_pace()
        return moved

    def _keep_pace(self) -> None:
        """Rest until the next send is due, with nothing in hand."""
        rate = self._policy.sends_per_minute
        if rate is not None:
            time.sleep(max(self._sent_at + 60 / rate - time.monotonic(), 0))

    def _note(self, work: Work, step: protocol.Transition) -> None:
        self._is_waiting = False
        self.tally.steps[step.state] += 1
        reference = work.document.reference
        if step.state is State.POSTED:
            self.tally.documents.append(str(step.erp_document))
            count = self.tally.steps[State.POSTED]
            log.info("posted %s as %s (%d)", reference, step.erp_document, count)
        else:
            log.warning("%s is %s: %s", reference, step.state, step.error_code)

    def _wait(self, command: protocol.Wait) -> None:
        if not self._is_waiting:
            log.info("waiting for entries that are in doubt, at rest or with others")
        self._is_waiting = True
        time.sleep(command.seconds)


def _report(
    connection: Connection, tally: _Tally, stop: Stop, began: float
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
