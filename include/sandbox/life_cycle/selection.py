"""Which claim takes which path; most take the short one."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sandbox.billing.claims import Claim
from sandbox.chance import Chance
from sandbox.extract.period import period
from sandbox.extract.reader import scale
from sandbox.life_cycle.adjudication import decide
from sandbox.life_cycle.decision import Decision
from sandbox.life_cycle.submission import first_submission

ANSWERED = 0.978
SHORTEST_INTERIM_STAY = 4
FEWEST_IN_A_FILE = 3
LEAST_PAYMENT = 5_000
LEAST_SHARE = 2_000


def is_early(claim: Claim) -> bool:
    """Return whether a claim's statement ended before the last month."""
    return claim.statement_through <= period().last_but_one


@dataclass(frozen=True)
class Candidate:
    """A claim with what its payer would do on the short path."""

    seed: int
    claim: Claim

    @property
    def is_insured(self) -> bool:
        """Whether there is a payer but the patient."""
        return self.claim.encounter.patient.payer.code != "SELF_PAY"

    @cached_property
    def is_answered(self) -> bool:
        """Whether the payer answers in time."""
        chance = Chance(self.seed, "remittance", self.claim.claim_id)
        return chance.happens(ANSWERED) and self.is_insured

    @property
    def is_settled_early(self) -> bool:
        """Whether there is time left for a second act."""
        return self.is_answered and is_early(self.claim)

    @property
    def is_stay(self) -> bool:
        """Whether it is the hospital's bill of an inpatient stay."""
        return self.claim.kind == "I" and self.claim.encounter.is_inpatient

    @cached_property
    def decision(self) -> Decision:
        """The payer's first decision."""
        return decide(self.seed, first_submission(self.claim))

    @property
    def is_denied(self) -> bool:
        """Whether all of it is denied."""
        return self.decision.deductions["denial"] == self.claim.charge

    @property
    def is_paid(self) -> bool:
        """Whether it is paid and nothing of it is denied."""
        has_denial = self.decision.deductions["denial"]
        return self.decision.paid >= LEAST_PAYMENT and not has_denial


def _may_be_interim(one: Candidate) -> bool:
    stay = one.claim.statement_through - one.claim.statement_from
    method = one.claim.encounter.patient.payer.inpatient_method
    is_long = one.is_stay and stay.days >= SHORTEST_INTERIM_STAY
    return is_long and method in {"percent", "per_diem"} and one.is_answered


def _may_be_denied(one: Candidate) -> bool:
    return one.is_settled_early and one.is_denied


def _may_have_second_payer(one: Candidate) -> bool:
    is_medicare = one.claim.encounter.patient.payer.code == "MEDICARE"
    if not (is_medicare and one.is_settled_early and one.is_paid):
        return False
    return one.decision.patient_responsibility >= LEAST_SHARE


def _may_come_late(one: Candidate) -> bool:
    return one.is_settled_early and not one.is_stay and len(one.claim.lines) > 2


def _may_be_voided(one: Candidate) -> bool:
    is_visit = not one.claim.encounter.is_inpatient
    return is_visit and one.is_settled_early and one.is_paid


def _may_be_corrected(one: Candidate) -> bool:
    return one.is_settled_early and one.is_paid


def _may_lack_its_prior(one: Candidate) -> bool:
    is_northridge = one.claim.facility.code == "NRC" and one.claim.kind == "P"
    return is_northridge and one.is_insured and not one.claim.encounter.is_inpatient


def _may_be_rejected(one: Candidate) -> bool:
    return one.is_answered


# How many claims of the bundled extract take a path and which may; the scarce ones
# choose first.
CHOICES: tuple[tuple[str, int, Callable[[Candidate], bool]], ...] = (
    ("interim", 12, _may_be_interim),
    ("denied_then_replaced", 36, _may_be_denied),
    ("secondary_payer", 40, _may_have_second_payer),
    ("late_charge", 30, _may_come_late),
    ("voided", 24, _may_be_voided),
    ("corrected_by_payer", 24, _may_be_corrected),
    ("replacement_without_prior", 4, _may_lack_its_prior),
    ("reversal_without_original", 3, _may_be_corrected),
    ("rejected_then_resubmitted", 40, _may_be_rejected),
    ("denied_twice", 8, _may_be_denied),
    ("denied_then_voided", 4, _may_be_denied),
)


def _set_to_reject(claims: Iterable[Claim]) -> list[Claim]:
    """Return the claims of the smallest file that opens a series and holds enough."""
    files: dict[tuple[str, str], dict[date, list[Claim]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for claim in claims:
        series = files[claim.facility.code, claim.kind]
        series[claim.submitted_on].append(claim)
    opening = [series[min(series)] for series in files.values()]
    return min(opening, key=lambda file: (len(file) < FEWEST_IN_A_FILE, len(file)))


def _chosen(
    seed: int, path: str, wanted: int, candidates: Iterable[Candidate]
) -> Iterator[Candidate]:
    def draw(one: Candidate) -> float:
        return Chance(seed, "path", path, one.claim.claim_id).share()

    yield from sorted(candidates, key=draw)[:wanted]


def paths(seed: int, claims: list[Claim]) -> dict[str, str]:
    """Return the path of every claim that does not take the short one, by claim id."""
    taken = {
        claim.claim_id: "set_rejected_then_resent" for claim in _set_to_reject(claims)
    }
    candidates = [Candidate(seed, claim) for claim in claims]
    for path, wanted, may in CHOICES:
        free = (one for one in candidates if one.claim.claim_id not in taken)
        for one in _chosen(
            seed, path, round(wanted * scale()), (one for one in free if may(one))
        ):
            taken[one.claim.claim_id] = path
    return taken
