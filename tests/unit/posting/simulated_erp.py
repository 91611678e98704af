"""The simulated ERP behind a bad network: late, doubled, lost, cut and wrong."""

from bisect import bisect
from collections import Counter
from itertools import accumulate

from ledgerline.posting.document import content_sha256
from ledgerline.posting.port import Answer, FoundDocument, Identity
from tests.unit.posting.simulated import (
    CALM_AFTER,
    FALLBACK,
    FIRST,
    LATEST_DELIVERY,
    Held,
    Trouble,
    journal,
    sha_of,
)

NOT_DONE = {
    "503": Answer(status=503, is_not_processed=True),
    "429": Answer(status=429, is_not_processed=True, retry_after_seconds=6),
    "500 before": Answer(status=500),
    "503 of a proxy": Answer(status=503),
    "html before": Answer(status=200),
}
BEFORE = {"lost": 0.08, **dict.fromkeys(NOT_DONE, 0.025), "late": 0.22}
DONE = {
    "500 after": Answer(status=500, is_json=True),
    "html after": Answer(status=200),
    "truncated": Answer(status=201),
}
AFTER = {"answer lost": 0.1, "draft only": 0.05, **dict.fromkeys(DONE, 0.04)}
REFUSED = Answer(status=422, is_json=True, is_refusal=True, error_code="PERIOD_CLOSED")
STALE, DOUBLED, UNREADABLE = 0.15, 0.05, 0.05
STALE_SECONDS = 60
KEY_SECONDS = 40
OUTAGE_SECONDS = 120


def _chances(weights):
    names = list(weights)
    bounds = list(accumulate(weights.values()))
    return lambda luck: (
        names[found] if (found := bisect(bounds, luck)) < len(names) else ""
    )


before, after = _chances(BEFORE), _chances(AFTER)


class SimulatedErp:
    """One ERP of a profile. `in_trouble` is the entry that it has something against.

    A key that is forgotten is remembered longer than a request may be in flight, from
    its last use on: counted from its first, a network that doubles a resend doubles
    the document (seed 10785). A reader may see a document late: where the ERP keeps
    references unique for ever (REF) however late, else within the time that a request
    may be in flight.
    """

    def __init__(self, chance, identity, *, may_duplicate, trouble, in_trouble):
        self.chance = chance
        self.identity = identity
        self.may_duplicate = may_duplicate
        self.trouble = trouble
        self.in_trouble = in_trouble
        self.forgets_keys = identity is Identity.KEY and chance() < 0.5
        self.held = []
        self.network = []
        self.answers = {}
        self.given = set()
        self.faults = Counter()
        self.down_from = chance() * CALM_AFTER
        self.down_until = self.down_from + (chance() < 0.5) * OUTAGE_SECONDS
        if trouble is Trouble.FOREIGN:
            self._hold(in_trouble, 0.0, cents=1000, is_foreign=True)

    def dispatch(self, now, request, document, way):
        if way == FALLBACK:
            self.faults["by the fallback"] += 1
            self.given.add(document.reference)
        fault = before(self.chance()) if now < CALM_AFTER else ""
        if self._is_down(now, way):
            fault = "down"
        if self.trouble is Trouble.POISON and _number(document) == self.in_trouble:
            fault = "503"
        if fault:
            self.faults[fault] += 1
        if fault in NOT_DONE:
            self.answers[request] = NOT_DONE[fault]
        if fault and fault != "late":
            return
        latest = now + LATEST_DELIVERY
        arrives = now + self.chance() * LATEST_DELIVERY if fault else now
        self.network.append((arrives, request, document, latest))
        if self.may_duplicate and now < CALM_AFTER and self.chance() < DOUBLED:
            self.faults["doubled"] += 1
            again = now + self.chance() * LATEST_DELIVERY
            self.network.append((again, 0, document, latest))

    def _is_down(self, now, way):
        return way == FIRST and self.down_from <= now < self.down_until

    def deliver(self, now):
        """Act on what has arrived; return the requests that were answered."""
        if not self.network:
            return ()
        arrived = [message for message in self.network if message[0] <= now]
        for message in arrived:
            self.network.remove(message)
            _, request, document, latest = message
            fault = after(self.chance()) if now < CALM_AFTER else ""
            if fault:
                self.faults[fault] += 1
            is_draft = fault == "draft only"
            answer = self._commit(now, document, latest, is_draft=is_draft)
            if request and fault not in {"answer lost", "draft only"}:
                self.answers[request] = DONE.get(fault, answer)
        return [message[1] for message in arrived]

    def _commit(self, now, document, latest, *, is_draft):
        number = _number(document)
        if self.trouble is Trouble.REFUSED and number == self.in_trouble:
            return REFUSED
        known = self._known(now, document.reference)
        if known is None:
            known = self._hold(number, now, document=document)
        elif known.is_effective:
            return _answer(409 if self.identity is Identity.REF else 200, known)
        known.is_effective = not is_draft
        known.keyed_at = now
        known.seen_at = now + self._lag(now, latest)
        return _answer(201, known)

    def _lag(self, now, latest):
        if now >= CALM_AFTER or self.chance() >= STALE:
            return 0.0
        self.faults["stale read-back"] += 1
        bound = STALE_SECONDS if self.identity is Identity.REF else latest - now
        return self.chance() * bound

    def _known(self, now, reference):
        if self.identity is Identity.NONE:
            return None
        for held in self.held:
            if held.document.reference == reference:
                is_old = self.forgets_keys and now - held.keyed_at > KEY_SECONDS
                if held.is_foreign or not is_old:
                    return held
                self.faults["key forgotten"] += 1
        return None

    def _hold(self, number, now, *, cents=0, document=None, is_foreign=False):
        wanted = journal(number, cents)
        is_plain = document is None or document is wanted
        held = Held(
            number=len(self.held),
            document=wanted if is_plain else document,
            sha=sha_of(number, cents) if is_plain else content_sha256(document),
            is_effective=is_foreign,
            is_foreign=is_foreign,
            keyed_at=now,
        )
        self.held.append(held)
        return held

    def find(self, now, reference, way):
        """Read back; the fallback knows nothing of what was not given by it."""
        is_unlucky = now < CALM_AFTER and self.chance() < UNREADABLE
        if is_unlucky or self._is_down(now, way):
            self.faults["unreadable"] += 1
            return None
        if way == FALLBACK and reference not in self.given:
            return []
        return [
            FoundDocument(
                erp_document=f"J{held.number}",
                is_effective=held.is_effective,
                document=held.document,
            )
            for held in self.held
            if held.document.reference == reference and held.seen_at <= now
        ]


def _number(document):
    return document.lines[0].amount_cents - 100


def _answer(status, held):
    if not held.is_effective:
        return Answer(status=status, is_json=True)
    return Answer(
        status=status,
        is_json=True,
        erp_document=f"J{held.number}",
        content_sha256=held.sha,
    )
