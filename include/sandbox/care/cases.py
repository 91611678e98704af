"""Surgical cases: which procedure a stay came for, by whom, and with which card."""

from dataclasses import dataclass
from functools import cache

from sandbox.care.encounters import DEPARTMENT_BY_EXTRACT_ID, Encounter
from sandbox.care.preference_cards import THEATRE, Card
from sandbox.chance import Chance
from sandbox.extract.reader import resources

ROOMS = {
    "CARDIO": ("CATH1", "CATH2"),
    "ORTHO": ("OR1", "OR2"),
    "PRIMCARE": ("BIRTH1", "BIRTH2"),
    "SURGERY": ("OR3", "OR4", "OR5"),
}
"""The rooms in which a department operates; each facility has them all."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One visit to the theatre, of the stay that it belongs to."""

    encounter: Encounter
    archetype: str
    procedures: tuple[str, ...]  # the principal one first
    surgeon_id: str
    room: str  # where it took place

    @property
    def rooms(self) -> tuple[str, ...]:
        """Where it can take place."""
        return ROOMS[self.encounter.department_code]

    @property
    def procedure_code(self) -> str:
        """The principal procedure; what is coded beside it is part of it."""
        return self.procedures[0]

    @property
    def usual(self) -> Card:
        """What such a case may use."""
        return THEATRE[self.archetype]


@cache
def surgeons() -> dict[str, tuple[str, ...]]:
    """Return the doctors of each department by its code."""
    by_department: dict[str, list[str]] = {}
    for role in resources("PractitionerRole"):
        codings = role["code"][0].get("coding", [])
        if all(coding["code"] != "doctor" for coding in codings):
            continue
        department = DEPARTMENT_BY_EXTRACT_ID.get(role["organization"]["reference"])
        if department:
            doctor = role["practitioner"]["reference"].partition("/")[2]
            by_department.setdefault(department, []).append(doctor)
    return {code: tuple(sorted(ids)) for code, ids in by_department.items()}


def case_of(encounter: Encounter) -> Case | None:
    """Return the case of a stay; None for one that never saw a theatre."""
    stay = encounter.stay
    if stay is None or not stay.procedures:
        return None
    archetype = "stent" if stay.archetype == "medical" else stay.archetype
    doctors = surgeons().get(encounter.department_code, (encounter.practitioner_id,))
    return Case(
        encounter=encounter,
        archetype=archetype,
        procedures=stay.procedures,
        surgeon_id=Chance("surgeon", encounter.encounter_id).pick(doctors),
        room=Chance("room", encounter.encounter_id).pick(
            ROOMS[encounter.department_code]
        ),
    )
