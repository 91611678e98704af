"""What of each cost varies with volume, by the accounts that it was booked on."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction

from sandbox.finance.accounts import ACCOUNTS
from sandbox.finance.center_costs import CenterCost
from sandbox.money import split

Pool = tuple[str, date, str]  # cost center, month, component
Row = tuple[str, ...]  # encounter, service line, payer class, method

PERCENT = {account.code: account.variable_percent for account in ACCOUNTS}
_CLASS = {account.code: account.account_class for account in ACCOUNTS}


class VariableCost:
    """The costs of every pool by row, and the part of the pool that varies."""

    def __init__(
        self, costs: Iterable[CenterCost], percent: Mapping[str, int] = PERCENT
    ) -> None:
        """Take what the accounts say of every center and month."""
        self.rows: dict[Pool, Counter[Row]] = defaultdict(Counter)
        hundredths: Counter[Pool] = Counter()
        for cost in costs:
            pool = (
                cost.cost_center_code,
                cost.month_end.replace(day=1),
                _CLASS[cost.account_code],
            )
            hundredths[pool] += cost.amount * percent[cost.account_code]
        self._parts = {
            pool: int(Fraction(2 * amount + 100, 200) // 1)
            for pool, amount in hundredths.items()
        }

    def add(self, pool: Pool, row: Row, cents: int) -> None:
        """Put some cents of a pool on a row."""
        self.rows[pool][row] += cents

    def split(self) -> dict[tuple[Pool, Row], int]:
        """Return the variable cents of every pool and row."""
        made = {}
        for pool, rows in self.rows.items():
            by_key = {"|".join(row): row for row in rows}
            weights = {key: rows[row] for key, row in by_key.items()}
            for key, cents in split(self._parts.get(pool, 0), weights).items():
                made[pool, by_key[key]] = cents
        return made
