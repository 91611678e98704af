"""The outbox in memory: its rules on the database's clock, and what watches them.

The world that inherits it gives it rows, clock and luck.
"""

import re
from pathlib import Path

import ledgerline.store
from ledgerline.posting import protocol
from ledgerline.posting.command import Queue, State, Work
from ledgerline.posting.route import breaker
from ledgerline.posting.route.breaker import Position
from tests.unit.posting.simulated import FIRST, KEYS

_OUTBOX = Path(ledgerline.store.__file__).parent / "migrations" / "0310_outbox.sql"
STEPS = frozenset(re.findall(r"\('([A-Z]+)', '([A-Z]+)', '", _OUTBOX.read_text()))
READY, CLAIMED, SENDING = State.READY, State.CLAIMED, State.SENDING
UNKNOWN, POSTED, REJECTED = State.UNKNOWN, State.POSTED, State.REJECTED


class Outbox:
    def _clock(self):
        return self.now + self.jumped

    def _take(self, asked):
        limit, mine = asked.limit, self.breakers[self.way]
        if asked.queue is Queue.READY and mine.position is not Position.CLOSED:
            passed = breaker.admit(mine, self._clock(), self.policy)
            if passed is None or not self._first(Queue.READY, 1):
                return ()
            self.breakers[self.way], limit = passed, 1
        return tuple(
            self._taken(row, asked.queue) for row in self._first(asked.queue, limit)
        )

    def _taken(self, row, queue):
        if queue is Queue.READY:
            row.state = CLAIMED
            row.lease_until = self._clock() + self.policy.lease_seconds
            row.fence += 1
        elif queue is Queue.UNKNOWN:
            row.next_at = self._clock() + self.policy.lease_seconds
            row.fence += 1
        return Work(
            entry_id=row.entry_id,
            fence=row.fence,
            state=row.state,
            attempts=row.attempts,
            forgiven=row.forgiven,
            lease_until=self.now + self.policy.lease_seconds,
            age_seconds=self.now,
            content_sha256=row.sha,
            document=row.document,
        )

    def _first(self, queue, limit):
        states, is_due = QUEUES[queue]
        clock = self._clock()
        found = [
            row for row in self.rows if row.state in states and is_due(self, row, clock)
        ]
        is_any = self.bugs.no_order or queue is Queue.EXPIRED
        at = int(self.chance() * len(found)) if is_any and found else 0
        return found[at : at + limit]

    def _is_expired(self, row, clock):
        return row.lease_until <= clock

    def _is_spent(self, row, _):
        counted = row.attempts - row.forgiven
        spent = protocol.is_exhausted(counted, self.now, self.policy)
        return counted and spent

    def _is_doubtful(self, row, clock):
        return row.next_at <= clock >= row.quiet_until and self._may_go(row)

    def _may_go(self, row):
        return row.doubted <= {self.way} or self.bugs.doubt_changes_its_way

    def _is_sent_by(self, row):
        is_left = self.breakers[FIRST].position is not Position.CLOSED
        is_reason = self.way == FIRST or is_left or self.way in row.doubted
        return is_reason and self._may_go(row)

    def _is_ready(self, row, clock):
        if not self._is_sent_by(row):
            return False
        if row.next_at > clock or self.bugs.no_order:
            return row.next_at <= clock
        if self.bugs.rejection_does_not_block:
            earlier = self.rows[row.order_key : row.number : KEYS]
            return all(each.state in {POSTED, REJECTED} for each in earlier)
        return not self._is_blocked(row)

    def _is_blocked(self, row):
        for earlier in self.rows[row.order_key : row.number : KEYS]:
            state = earlier.state
            if state is not POSTED and not (state is REJECTED and earlier.is_waived):
                return True
        return False

    def _next_due(self):
        mine = self.breakers[self.way]
        passes_at = 0.0 if mine.position is Position.CLOSED else mine.until
        times = [
            max(row.next_at, passes_at)
            if row.state is READY
            else row.lease_until
            if row.state is not UNKNOWN
            else max(row.next_at, row.quiet_until)
            for row in self.rows
            if row.state in {CLAIMED, SENDING}
            or (row.state is UNKNOWN and self._may_go(row))
            or (
                row.state is READY
                and not self._is_blocked(row)
                and self._is_sent_by(row)
            )
        ]
        return max(min(times) - self._clock(), 0.0) if times else None

    def _note_call(self, way, answer):
        before = self.breakers[way]
        is_failure = breaker.is_failing(answer)
        after = self.breakers[way] = breaker.after_call(
            before, self._clock(), self.policy, is_failure=is_failure
        )
        if before.position is not after.position is Position.OPEN:
            self.erp.faults["breaker opened"] += 1

    def _row_of(self, work, state):
        row = self.rows[work.entry_id.int]
        is_same = self.bugs.no_fence or row.fence == work.fence
        return row if is_same and row.state is state else None

    def _write_ahead(self, asked):
        return tuple(each for each in asked.batch if self._is_written(each, asked))

    def _is_written(self, work, asked):
        row = self._row_of(work, CLAIMED)
        if row is None or row.lease_until <= self._clock():
            return False
        row.state = SENDING
        row.way = self.way
        row.attempts += 1
        if work is asked.batch[0] or not self.bugs.only_the_first_is_written_ahead:
            self.attempts.add((row.number, work.fence))
        return True

    def _find(self, asked):
        return self.erp.find(self.now, asked.work.document.reference, self.way)

    def _move(self, asked):
        steps = asked.steps
        codes = [each.transition.error_code for each in steps]
        self.erp.faults["batch ended"] += protocol.BATCH_ENDED in codes
        outcomes = [each.transition for each in steps]
        if self.bugs.outcome_of_its_neighbour:
            outcomes = [*outcomes[1:], *outcomes[:1]]
        for each, outcome in zip(steps, outcomes, strict=True):
            row = self._row_of(each.work, each.source)
            if row is not None:
                self._step(row, each.source, outcome)
            elif len(steps) > 1:
                self.erp.faults["fence lost in mid-batch"] += 1

    def _step(self, row, source, step):
        self._watch_move(row, step.state)
        if step.state is UNKNOWN and source is SENDING:
            quiet = 0 if self.bugs.no_quiet else self.policy.quiet_seconds
            row.quiet_until = self._clock() + quiet
            row.doubted.add(row.way)
        self.is_moved = True
        row.forgiven += step.error_code == protocol.BATCH_ENDED
        row.state = step.state
        row.next_at = self._clock() + step.delay_seconds
        row.erp_document = step.erp_document
        is_lost = self.bugs.ledger_apart and self.chance() < 0.1
        if step.state is POSTED and not is_lost:
            self.ledger.append((row.number, step.erp_document))

    def _watch_move(self, row, state):
        is_step = (row.state.value, state.value) in STEPS
        if not is_step and not row.state is state is UNKNOWN:
            self.broken.add("I5 listed step")
        if row.state is UNKNOWN and state is not UNKNOWN and not self.jumped:
            quiet = self.now - self.sent_at.get(row.number, 0.0)
            if quiet < self.policy.quiet_seconds - 1e-6:
                self.broken.add("I8 read back after the quiet time")


QUEUES = {
    Queue.EXPIRED: ({CLAIMED, SENDING}, Outbox._is_expired),
    Queue.SPENT: ({READY}, Outbox._is_spent),
    Queue.UNKNOWN: ({UNKNOWN}, Outbox._is_doubtful),
    Queue.READY: ({READY}, Outbox._is_ready),
}
