"""A worker that carries the protocol's commands out: the database's and the ERP's."""

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
from uuid import UUID

import psycopg

from ledgerline.canonical.errors import Retriable
from ledgerline.posting import command, protocol
from ledgerline.posting.command import (
    Command,
    Queue,
    State,
    Step,
    Stop,
    Transition,
    Work,
)
from ledgerline.posting.document import Document, Journal, Requisition
from ledgerline.posting.port import Answer, ErpPort, FoundDocument, Policy
from ledgerline.posting.repository import breaker, claims, outbox
from ledgerline.posting.route.breaker import Position, admit, is_failing
from ledgerline.store.engine import Connection

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Tally:
    """What became of the entries that a worker moved, and their numbers in the ERP."""

    steps: Counter[State] = field(default_factory=Counter)
    documents: list[str] = field(default_factory=list)


class Worker:
    """One worker: performs each command that the protocol yields."""

    def __init__(self, connection: Connection, port: ErpPort, policy: Policy) -> None:
        self._connection = connection
        self._port = port
        self._policy = policy
        self._name = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._is_waiting = False
        self._sent_at = 0.0
        self._is_answering = False
        self.tally = Tally()

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

    def _perform(self, asked: Command) -> object:
        performers: dict[type, Callable[[Any], object]] = {
            command.Take: self._take,
            command.WriteAhead: self._write_ahead,
            command.Send: self._send,
            command.ReadBack: self._read_back,
            command.Move: self._move,
            command.NextDue: lambda _: outbox.seconds_to_next(
                self._connection, self._port.name
            ),
            command.Now: lambda _: time.monotonic(),
            command.Wait: self._wait,
        }
        return performers[type(asked)](asked)

    def _take(self, asked: command.Take) -> tuple[Work, ...]:
        began = time.monotonic()
        policy = self._policy
        takers: dict[Queue, Callable[[], list[Work]]] = {
            Queue.EXPIRED: lambda: claims.take_expired(self._connection),
            Queue.SPENT: lambda: claims.take_spent(self._connection, policy),
            Queue.UNKNOWN: lambda: claims.take_unknown(
                self._connection, self._port.name, self._name, policy.lease_seconds
            ),
            Queue.READY: lambda: self._take_ready(asked.limit),
        }
        # Measured from before the claim: our view of the lease ends first.
        lease_until = began + policy.lease_seconds
        return tuple(
            replace(work, lease_until=lease_until) for work in takers[asked.queue]()
        )

    def _take_ready(self, limit: int) -> list[Work]:
        """Take what may be sent; unless the breaker is closed one goes as a probe."""
        self._is_answering = False
        connection, name = self._connection, self._port.name
        if breaker.look(connection, name)[0].position is Position.CLOSED:
            try:
                return self._claim(limit)
            except psycopg.IntegrityError:
                # One that must not be claimed does not keep what is before it.
                return self._claim(1)
        with connection.transaction():
            found, now = breaker.lock(connection, name)
            passed = admit(found, now, self._policy)
            if passed is None:
                return []
            taken = self._claim(1)
            if taken:
                breaker.save(connection, name, passed)
            return taken

    def _claim(self, limit: int) -> list[Work]:
        return claims.take_ready(
            self._connection,
            self._port.name,
            self._name,
            self._policy.lease_seconds,
            limit,
        )

    def _write_ahead(self, asked: command.WriteAhead) -> tuple[Work, ...]:
        try:
            held = outbox.write_ahead(
                self._connection,
                asked.batch,
                self._port.name,
                self._name,
                self._policy.quiet_seconds,
            )
        except psycopg.errors.CheckViolation:
            # Our view of the lease ends first: it ended while we were writing.
            if time.monotonic() < asked.batch[0].lease_until:
                raise
            return ()
        return tuple(work for work in asked.batch if work.entry_id in held)

    def _send(self, asked: command.Send) -> Answer:
        work = asked.work
        self._sent_at = time.monotonic()
        answer = self._call(work.document, is_resend=work.attempts > 0)
        is_failure = is_failing(answer)
        # Of answers one after the other the first of a batch says enough.
        if is_failure or not self._is_answering:
            breaker.note_call(
                self._connection, self._port.name, self._policy, is_failure=is_failure
            )
        self._is_answering = not is_failure
        return answer

    def _call(self, document: Document, *, is_resend: bool) -> Answer:
        if isinstance(document, Journal):
            return self._port.post_journal(document, is_resend=is_resend)
        if isinstance(document, Requisition):
            return self._port.post_requisition(document, is_resend=is_resend)
        return self._port.post_stock_issue(document, is_resend=is_resend)

    def _read_back(self, asked: command.ReadBack) -> Sequence[FoundDocument] | None:
        document = asked.work.document
        try:
            return self._port.find(document)
        except Retriable as error:
            log.warning("read-back of %s: %s", document.reference, error)
            return None

    def _move(self, asked: command.Move) -> None:
        steps = asked.steps
        first = steps[0]
        if first.source is State.UNKNOWN is first.transition.state:
            outbox.postpone(self._connection, first)
            return
        moved = self._moved(steps)
        for step in steps:
            if step.work.entry_id in moved:
                self._note(step.work, step.transition)
        if first.source is State.SENDING:
            self._keep_pace()

    def _moved(self, steps: Sequence[Step]) -> set[UUID]:
        """Write the steps; one that the database refuses does not keep the others."""
        try:
            return outbox.move(self._connection, steps)
        except psycopg.IntegrityError:
            if len(steps) == 1:
                raise
        moved: set[UUID] = set()
        refused: psycopg.IntegrityError | None = None
        for step in steps:
            try:
                moved |= outbox.move(self._connection, [step])
            except psycopg.IntegrityError as error:
                refused = error
        if refused is not None:
            raise refused
        return moved

    def _keep_pace(self) -> None:
        """Rest until the next send is due, with nothing in hand."""
        rate = self._policy.sends_per_minute
        if rate is not None:
            time.sleep(max(self._sent_at + 60 / rate - time.monotonic(), 0))

    def _note(self, work: Work, step: Transition) -> None:
        self._is_waiting = False
        self.tally.steps[step.state] += 1
        reference = work.document.reference
        if step.state is State.POSTED:
            self.tally.documents.append(str(step.erp_document))
            count = self.tally.steps[State.POSTED]
            log.info("posted %s as %s (%d)", reference, step.erp_document, count)
        else:
            # Of a batch that ended, the document that ended it is worth a line.
            level = logging.WARNING
            if step.error_code == protocol.BATCH_ENDED:
                level = logging.DEBUG
            log.log(level, "%s is %s: %s", reference, step.state, step.error_code)

    def _wait(self, asked: command.Wait) -> None:
        if not self._is_waiting:
            log.info("waiting for entries that are in doubt, at rest or with others")
        self._is_waiting = True
        time.sleep(asked.seconds)
