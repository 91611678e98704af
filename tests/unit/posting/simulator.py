"""A simulated world around the production protocol: one thread, one clock, one seed.

Workers run `ledgerline.posting.protocol.work`; what it yields is carried out against
an outbox and an ERP in memory. Between any two effects a worker may be killed or
paused, the database's clock may jump, and requests may be lost, delayed, doubled or
answered wrongly. The world keeps the outbox's rules, unless a test plants a bug in
`Bugs`.
"""

import random
from dataclasses import dataclass, field, replace

from ledgerline.posting import command, protocol
from ledgerline.posting.command import State
from ledgerline.posting.port import Answer, Identity, Policy
from ledgerline.posting.route.breaker import Breaker
from tests.unit.posting.promises import violations
from tests.unit.posting.simulated import (
    CALM_AFTER,
    END,
    FALLBACK,
    FIRST,
    KEYS,
    LONGEST_PAUSE_BEFORE_CALL,
    POLICY,
    Bugs,
    Row,
    Trouble,
    entry_id,
    journal,
    sha_of,
)
from tests.unit.posting.simulated_erp import SimulatedErp
from tests.unit.posting.simulated_outbox import Outbox

TROUBLES = (
    *[Trouble.NOTHING] * 14,
    *[Trouble.REFUSED] * 3,
    *[Trouble.FOREIGN] * 2,
    Trouble.POISON,
)
LOOKS = {command.Now, command.NextDue}
TICKS = (0, 0, 0, 1, 1, 2)


@dataclass(kw_only=True)
class World(Outbox):
    seed: int
    identity: Identity = Identity.REF
    may_duplicate: bool = True
    bugs: Bugs = field(default_factory=Bugs)
    policy: Policy = POLICY
    entries: int = 6
    workers: int = 3

    def __post_init__(self):
        self.chance = random.Random(self.seed).random
        self.now = 0.0
        self.jumped = 0.0
        self.rows = [
            Row(
                number=number,
                entry_id=entry_id(number),
                document=journal(number),
                sha=sha_of(number),
                order_key=number % KEYS,
            )
            for number in range(self.entries)
        ]
        self.trouble = TROUBLES[int(self.chance() * len(TROUBLES))]
        if self.trouble is Trouble.FOREIGN and self.identity is Identity.NONE:
            self.trouble = Trouble.NOTHING
        self.in_trouble = int(self.chance() * self.entries)
        self.erp = SimulatedErp(
            self.chance,
            self.identity,
            may_duplicate=self.may_duplicate,
            trouble=self.trouble,
            in_trouble=self.in_trouble,
        )
        self.breakers = {FIRST: Breaker(), FALLBACK: Breaker()}
        has_fallback = self.chance() < 0.5
        self.ways = [FIRST] * self.workers
        if has_fallback:
            self.ways[-1] = FALLBACK
        self.ledger = []
        self.attempts = set()
        self.sent_at = {}
        self.broken = set()
        self.requests = 0
        self.crashes = 0
        self.owner = {}
        self.is_moved = True
        self.left_to_send = [0] * self.workers
        self.is_about_to_call = [False] * self.workers
        self.wake = [0.0] * self.workers
        self.paused_until = [0.0] * self.workers
        self.running = [self._worker(each) for each in range(self.workers)]
        self._effects = {
            command.Take: self._take,
            command.WriteAhead: self._write_ahead,
            command.ReadBack: self._find,
            command.Move: self._move,
            command.Now: lambda _: self.now,
            command.NextDue: lambda _: self._next_due(),
        }

    # One worker: yields the time up to which it sleeps between any two effects, so
    # that it can die or be paused there.

    def _worker(self, me):
        policy = replace(self.policy, batch_limit=1 + me)
        while True:
            steps = protocol.work(policy)
            answer = None
            while True:
                try:
                    asked = steps.send(answer)
                except StopIteration:
                    break
                kind = type(asked)
                self.way = self.ways[me]
                if kind is command.Send:
                    answer = yield from self._send(me, asked.work)
                elif kind is command.Wait:
                    answer = None
                    yield self.now + asked.seconds
                else:
                    answer = self._effects[kind](asked)
                    if kind is command.WriteAhead:
                        self.left_to_send[me] = len(answer)
                    took_nothing = kind is command.Take and not answer
                    if kind not in LOOKS and not took_nothing:
                        yield 0.0
            yield self.now + self.policy.poll_seconds

    def _send(self, me, work):
        if self.now < CALM_AFTER and self.chance() < 0.1:
            self.is_about_to_call[me] = True
            yield self.now + self.chance() * LONGEST_PAUSE_BEFORE_CALL
            self.is_about_to_call[me] = False
        self.requests += 1
        request = self.requests
        self._watch_send(work)
        self.left_to_send[me] -= 1
        document = work.document
        if self.bugs.new_reference_per_attempt:
            document = replace(document, reference=f"{document.reference}.{request}")
        self.owner[request] = me
        self.erp.dispatch(self.now, request, document, self.ways[me])
        deadline = self.now + self.policy.call_seconds
        while request not in self.erp.answers and self.now < deadline:
            yield deadline
        answer = self.erp.answers.get(request, Answer(status=None))
        self._note_call(self.ways[me], answer)
        return answer

    def _watch_send(self, work):
        row = self.rows[work.entry_id.int]
        attempt = (row.number, work.fence)
        if attempt not in self.attempts:
            self.broken.add("I7 attempt written ahead")
        self.attempts.discard(attempt)
        self.sent_at[row.number] = self.now
        if self._is_blocked(row):
            self.broken.add("I12 order")

    # The run, and what must hold after it.

    def run(self):
        while self.now < END:
            due = [
                worker
                for worker in range(self.workers)
                if self.wake[worker] <= self.now >= self.paused_until[worker]
            ]
            calling = [worker for worker in due if self.is_about_to_call[worker]]
            if not calling:
                self._pass_time(has_work=bool(due))
            for request in self.erp.deliver(self.now):
                self.wake[self.owner.get(request, 0)] = self.now
            if due:
                chosen = calling or due
                worker = chosen[int(self.chance() * len(chosen))]
                if self.now >= CALM_AFTER or not self._disturb(worker):
                    self.wake[worker] = next(self.running[worker])
            if self._is_over():
                break
        return violations(self)

    def _pass_time(self, *, has_work):
        if has_work:
            self.now += TICKS[int(self.chance() * len(TICKS))]
            return
        times = list(map(max, self.wake, self.paused_until))
        arrivals = [message[0] for message in self.erp.network]
        self.now = max(self.now, min(times + arrivals))

    def _is_over(self):
        if self.erp.network or not self.is_moved:
            return False
        self.is_moved = False
        for way in set(self.ways):
            self.way = way
            if self._next_due() is not None:
                return False
        rejected = [
            r for r in self.rows if r.state is State.REJECTED and not r.is_waived
        ]
        for row in rejected:
            row.is_waived = self.is_moved = True
        return not rejected

    def _disturb(self, worker):
        """Kill or pause the worker, or move a clock; tell whether it is held up.

        A pause right before a call stays within what the adapter declares.
        """
        luck = self.chance()
        if luck < 0.04:
            self.running[worker] = self._worker(worker)
            self.erp.faults["killed in mid-batch"] += self.left_to_send[worker] > 0
            self.left_to_send[worker] = 0
            self.is_about_to_call[worker] = False
            self.crashes += 1
        elif luck < 0.06 and not any(self.is_about_to_call):
            self.now += 5 + int(self.chance() * 25)
        elif luck < 0.1 and not self.is_about_to_call[worker]:
            self.paused_until[worker] = self.now + 10 + int(self.chance() * 50)
            return True
        elif luck < 0.12:
            self._jump()
        return False

    def _jump(self):
        """Move the database's clock, forward only where the ERP keeps keys for ever."""
        if self.erp.forgets_keys or self.identity is Identity.NONE:
            self.jumped -= self.chance() * 30
        else:
            self.jumped += (self.chance() - 0.5) * 80
        self.erp.faults["clock jump"] += 1
