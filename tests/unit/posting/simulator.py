"""A simulated world around the production protocol: one thread, one clock, one seed.

Workers run `ledgerline.posting.protocol.work`; what it yields is carried out against
an outbox and an ERP in memory. Between any two commands a worker may be killed or
paused, and requests may be lost, delayed, doubled or answered wrongly. The world
keeps the outbox's rules, unless a test plants a bug in `Bugs`.
"""

import random
import uuid
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date

from ledgerline.posting import protocol
from ledgerline.posting.document import Journal, JournalLine, content_sha256
from ledgerline.posting.port import Answer, FoundDocument, Identity, Policy
from ledgerline.posting.protocol import Queue, State, Work
from tests.unit.posting.promises import violations
from tests.unit.posting.simulated import (
    CALM_AFTER,
    END,
    LATEST_DELIVERY,
    OPEN,
    POLICY,
    SETTLED,
    Bugs,
    Held,
    Row,
)


@dataclass(kw_only=True)
class World:
    seed: int
    identity: Identity = Identity.REF
    may_duplicate: bool = True
    bugs: Bugs = field(default_factory=Bugs)
    policy: Policy = POLICY
    entries: int = 6
    workers: int = 3

    def __post_init__(self):
        self.random = random.Random(self.seed)
        self.now = 0.0
        self.rows = [self._row(number) for number in range(self.entries)]
        self.ledger = []
        self.erp = []
        self.network = []
        self.answers = {}
        self.requests = 0
        self.crashes = 0
        self.faults = Counter()
        self.paused_until = {}
        self.running = {w: self._worker() for w in range(self.workers)}

    def _row(self, number):
        lines = (
            JournalLine(account_code="11200", amount_cents=100 + number),
            JournalLine(account_code="40100", amount_cents=-100 - number),
        )
        document = Journal(
            reference=f"LL|k|MVH|2026-01-11|-|v{number}",
            posting_date=date(2026, 1, 11),
            lines=lines,
        )
        return Row(number=number, document=document, order_key=number % 2)

    # One worker: yields between any two effects, so that it can die or sleep there.

    def _worker(self):
        while True:
            steps = protocol.work(self.policy)
            answer = None
            while True:
                try:
                    command = steps.send(answer)
                except StopIteration:
                    break
                if isinstance(command, protocol.Send):
                    answer = yield from self._send(command.work)
                elif isinstance(command, protocol.Wait):
                    until = self.now + command.seconds
                    while self.now < until:
                        yield
                    answer = None
                else:
                    answer = self._effect(command)
                if not isinstance(command, protocol.Now):
                    yield
            yield

    def _effect(self, command):
        effects = {
            protocol.Take: lambda: self._take(command.queue),
            protocol.WriteAhead: lambda: self._write_ahead(command.work),
            protocol.ReadBack: lambda: self._find(command.work.document.reference),
            protocol.Move: lambda: self._move(command),
            protocol.Now: lambda: self.now,
            protocol.NextDue: lambda: 1.0 if self._is_open() else None,
        }
        return effects[type(command)]()

    # The outbox.

    def _take(self, queue):
        found = [row for row in self.rows if self._is_due(row, queue)]
        if not found:
            return None
        row = self.random.choice(found) if self.bugs.no_order else found[0]
        if queue is Queue.READY:
            row.state = State.CLAIMED
            row.lease_until = self.now + self.policy.lease_seconds
        if queue is Queue.UNKNOWN:
            row.next_at = self.now + self.policy.lease_seconds
        if queue in {Queue.READY, Queue.UNKNOWN}:
            row.fence += 1
        return Work(
            entry_id=uuid.UUID(int=row.number),
            fence=row.fence,
            state=row.state,
            attempts=row.attempts,
            lease_until=row.lease_until,
            age_seconds=self.now,
            content_sha256=content_sha256(row.document),
            document=row.document,
        )

    def _is_due(self, row, queue):
        match queue:
            case Queue.EXPIRED:
                in_hand = row.state in {State.CLAIMED, State.SENDING}
                return in_hand and row.lease_until <= self.now
            case Queue.SPENT:
                is_spent = protocol.is_exhausted(row.attempts, self.now, self.policy)
                return row.state is State.READY and is_spent
            case Queue.UNKNOWN:
                due = max(row.next_at, row.quiet_until)
                return row.state is State.UNKNOWN and due <= self.now
            case Queue.READY:
                is_ready = row.state is State.READY and row.next_at <= self.now
                return is_ready and (self.bugs.no_order or not self._is_blocked(row))

    def _is_blocked(self, row):
        return any(
            other.order_key == row.order_key
            and other.number < row.number
            and other.state not in SETTLED
            for other in self.rows
        )

    def _row_of(self, work, state):
        row = self.rows[work.entry_id.int]
        is_same = self.bugs.no_fence or row.fence == work.fence
        return row if is_same and row.state is state else None

    def _write_ahead(self, work):
        row = self._row_of(work, State.CLAIMED)
        if row is None or row.lease_until <= self.now:
            return False
        row.state = State.SENDING
        row.attempts += 1
        return True

    def _move(self, command):
        step = command.transition
        row = self._row_of(command.work, command.source)
        if row is None:
            return False
        if step.state is State.UNKNOWN and command.source is State.SENDING:
            quiet = 0 if self.bugs.no_quiet else self.policy.quiet_seconds
            row.quiet_until = self.now + quiet
        row.state = step.state
        row.next_at = self.now + step.delay_seconds
        row.erp_document = step.erp_document
        is_lost = self.bugs.ledger_apart and self.random.random() < 0.1
        if step.state is State.POSTED and not is_lost:
            self.ledger.append((row.number, step.erp_document))
        return True

    def _is_open(self):
        return any(row.state in OPEN for row in self.rows)

    def _send(self, work):
        self.requests += 1
        request = self.requests
        document = work.document
        if self.bugs.new_reference_per_attempt:
            document = replace(document, reference=f"{document.reference}.{request}")
        self._dispatch(request, document)
        deadline = self.now + self.policy.call_seconds
        while request not in self.answers and self.now < deadline:
            yield
        return self.answers.get(request, Answer(status=None))

    def _dispatch(self, request, document):
        fault = self.random.random() if self.now < CALM_AFTER else 1.0
        if fault < 0.08:
            self.faults["lost"] += 1
            return
        if fault < 0.12:
            self.faults["503"] += 1
            self.answers[request] = Answer(status=503, is_not_processed=True)
            return
        if fault < 0.15:
            self.faults["html before"] += 1
            self.answers[request] = Answer(status=200)
            return
        late = self.random.uniform(0, LATEST_DELIVERY) if fault < 0.4 else 0
        self.faults["late"] += bool(late)
        self.network.append((self.now + late, request, document))
        if self.may_duplicate and self.random.random() < 0.05:
            self.faults["doubled"] += 1
            again = self.now + self.random.uniform(0, LATEST_DELIVERY)
            self.network.append((again, 0, document))

    def deliver(self):
        for message in [m for m in self.network if m[0] <= self.now]:
            self.network.remove(message)
            _, request, document = message
            fault = self.random.random() if self.now < CALM_AFTER else 1.0
            answer = self._commit(document, stop_at_draft=fault > 0.95 and fault < 1)
            if not request or fault < 0.12 or (fault > 0.95 and fault < 1):
                self.faults["answer lost"] += bool(request)
            elif fault < 0.18:
                self.faults["500 after"] += 1
                self.answers[request] = Answer(status=500, is_json=True)
            elif fault < 0.22:
                self.faults["html after"] += 1
                self.answers[request] = Answer(status=200)
            else:
                self.answers[request] = answer

    def _commit(self, document, stop_at_draft):
        known = [h for h in self.erp if h.document.reference == document.reference]
        sha = content_sha256(document)
        if known and self.identity is not Identity.NONE:
            held = known[0]
            if held.is_effective:
                status = 409 if self.identity is Identity.REF else 200
                return self._answer(status, held)
            held.is_effective = not stop_at_draft
            return self._answer(201, held)
        held = Held(
            number=len(self.erp), document=document, is_effective=not stop_at_draft
        )
        self.erp.append(held)
        assert sha == content_sha256(held.document)
        return self._answer(201, held)

    @staticmethod
    def _answer(status, held):
        if not held.is_effective:
            return Answer(status=status, is_json=True)
        return Answer(
            status=status,
            is_json=True,
            erp_document=f"J{held.number}",
            content_sha256=content_sha256(held.document),
        )

    def _find(self, reference):
        if self.now < CALM_AFTER and self.random.random() < 0.05:
            return None
        return [
            FoundDocument(
                erp_document=f"J{held.number}",
                is_effective=held.is_effective,
                document=held.document,
            )
            for held in self.erp
            if held.document.reference == reference
        ]

    # The run, and what must hold after it.

    def run(self):
        while self.now < END:
            self.now += self.random.choice((0, 0, 0, 1, 1, 2))
            self.deliver()
            worker = self.random.randrange(self.workers)
            if self.now < CALM_AFTER:
                self._disturb(worker)
            if self.paused_until.get(worker, 0) > self.now:
                continue
            next(self.running[worker])
            if not self._is_open() and not self.network:
                break
        return violations(self)

    def _disturb(self, worker):
        luck = self.random.random()
        if luck < 0.015:
            self.running[worker] = self._worker()
            self.paused_until.pop(worker, None)
            self.crashes += 1
        elif luck < 0.025:
            self.now += self.random.randrange(5, 30)
        elif luck < 0.045:
            self.paused_until[worker] = self.now + self.random.randrange(10, 60)
