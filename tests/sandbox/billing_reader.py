"""The whole billing folder read again, and which claims of it count."""

from dataclasses import dataclass

from tests.sandbox.x12_files import (
    ADDITIVE,
    ClaimAnswer,
    ClaimFile,
    Paid,
    RemittanceFile,
    Sent,
    SyntaxAnswer,
    original,
)


@dataclass(kw_only=True)
class Billing:
    """Everything in the folder; what was refused is told by 999 and 277CA files."""

    sent: list[Sent]
    payments: list[Paid]
    refused_sets: set[tuple[str, str]]  # receiver, group control number
    refused_claims: set[tuple[str, str]]  # reference of the set, account
    payer_numbers: dict[tuple[str, str], str]  # the same key, REF*1K

    def is_accepted(self, claim):
        facility = f"{claim.file_name[:3]}BILLING"
        key = (claim.reference, claim.account)
        is_refused = key in self.refused_claims
        return (facility, claim.group) not in self.refused_sets and not is_refused

    def in_force(self, claims):
        """Return the submissions of one claim that count, by the rules of frequency."""
        standing, known = [], set()
        for claim in sorted(claims, key=lambda each: each.sent_on):
            is_known = claim.frequency not in {"7", "8"} or claim.prior in known
            if claim.sequence != "P" or not is_known or not self.is_accepted(claim):
                continue
            if claim.frequency not in ADDITIVE:
                standing = []
            if claim.frequency != "8":
                standing.append(claim)
            known.add(self.payer_numbers[claim.reference, claim.account])
        return standing


def read_billing(folder):
    """Read the folder."""
    found = Billing(
        sent=[], payments=[], refused_sets=set(), refused_claims=set(), payer_numbers={}
    )
    for path in sorted(filter(original, folder.glob("*.edi"))):
        kind = path.name.partition("_")[0]
        READERS.get(kind, _read_sent)(found, path)
    return found


def _read_sent(found, path):
    found.sent += ClaimFile(path).claims


def _read_payments(found, path):
    found.payments += RemittanceFile(path).claims


def _read_syntax(found, path):
    answer = SyntaxAnswer(path)
    if any(code == "R" for _, code in answer.sets):
        found.refused_sets.add((answer.receiver, answer.group))


def _read_answers(found, path):
    answer = ClaimAnswer(path)
    for claim in answer.claims:
        key = (answer.reference, claim["account"])
        if claim["action"] == "U":
            found.refused_claims.add(key)
        else:
            found.payer_numbers[key] = claim["1K"]


def _read_nothing(found, path):
    """A TA1 speaks of an interchange, not of what is in it."""


READERS = {
    "TA1": _read_nothing,
    "835": _read_payments,
    "999": _read_syntax,
    "277CA": _read_answers,
}
