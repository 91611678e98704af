"""What finance planned a year ago for each service line: round figures, by size."""

from collections.abc import Iterator
from decimal import Decimal

from sandbox.chance import Chance
from sandbox.extract.period import period
from sandbox.network.facilities import FACILITIES

COLUMNS = (
    "facility_code",
    "service_line_code",
    "budget_month",
    "net_revenue_amount",
    "variable_cost",
    "fixed_direct_cost",
    "overhead_cost",
)
PLANNED = (
    *("cardiovascular", "orthopedics_spine", "primary_care", "emergency"),
    "transplant",  # nobody is ever treated there
)
REVENUE = (15_000, 60_000)  # dollars a month at the largest facility
SHARES = (38, 34, 17)  # percent of revenue: variable, fixed direct, overhead


def budget_rows() -> Iterator[tuple[str, str, str, Decimal, Decimal, Decimal, Decimal]]:
    """Yield one row a facility, planned service line and month."""
    for facility in FACILITIES:
        for line in PLANNED:
            planned = Chance("budget", facility.code, line).whole(*REVENUE)
            revenue = Decimal(planned * facility.size // 100)
            variable, fixed, indirect = (
                (revenue * share / 100).quantize(Decimal(1)) for share in SHARES
            )
            for month_end in period().month_ends:
                month = month_end.replace(day=1).isoformat()
                yield facility.code, line, month, revenue, variable, fixed, indirect
