"""One charge: a service line of a claim, before and after it is numbered."""

from dataclasses import dataclass
from datetime import date, timedelta

from sandbox.care.encounters import Encounter
from sandbox.chance import Chance


@dataclass(frozen=True, kw_only=True)
class ChargeLine:
    """A service with its charge in cents; without a revenue code it is professional."""

    revenue_code: str
    amount: int
    service_date: date
    procedure_code: str = ""
    quantity: int = 1
    unit: str = "UN"
    posted_on: date | None = None  # where it was later than the service


class PriceList:
    """The charges of one facility for one encounter, varied a little by encounter."""

    def __init__(self, seed: int, encounter: Encounter, purpose: str) -> None:
        """Start the encounter's draws for one purpose."""
        self.encounter = encounter
        self.chance = Chance(seed, purpose, encounter.encounter_id)
        self.level = encounter.facility.charge_level

    def priced(self, dollars: int) -> int:
        """Return a list price at the facility's level, in cents."""
        return dollars * self.level

    def varied(self, dollars: int, spread: int) -> int:
        """Return a price that varies by up to `spread` percent either way."""
        return (
            self.priced(dollars) * self.chance.whole(100 - spread, 100 + spread) // 100
        )

    def some_day(self) -> date:
        """Return a day of the encounter."""
        days = (self.encounter.last_day - self.encounter.first_day).days
        return self.encounter.first_day + timedelta(days=self.chance.whole(0, days))
