"""The payer contracts that the hospital keeps as data, in dollars and shares."""

from collections.abc import Iterator
from decimal import Decimal

from sandbox.life_cycle.adjudication import HIGHEST_PAYMENT
from sandbox.network.payers import PAYERS, Payer

Row = tuple[object, ...]

BEGUN = "2020-01-01"
SHARE = "percent_of_charge"
CONTRACT_COLUMNS = (
    "contract_code",
    "payer_code",
    "facility_code",
    "setting",
    "basis",
    "rate",
    "charge_cap_rate",
    "valid_from",
    "valid_to",
)


def _share(points: int) -> Decimal:
    return Decimal(points).scaleb(-4)


def _terms(payer: Payer) -> Iterator[tuple[str, Row]]:
    """Yield each setting with basis, rate and cap."""
    if payer.inpatient_method == "percent":
        yield "inpatient", (SHARE, _share(payer.inpatient_rate), "")
    else:
        basis = "drg_base" if payer.inpatient_method == "drg" else "per_diem"
        rate = Decimal(payer.inpatient_rate).scaleb(-2)
        yield "inpatient", (basis, rate, _share(HIGHEST_PAYMENT))
    yield "outpatient", (SHARE, _share(payer.outpatient_points), "")
    yield "professional", (SHARE, _share(payer.professional_points), "")


def contract_rows() -> Iterator[Row]:
    """Yield one row a payer and setting; not every payer's contract is on file."""
    for payer in PAYERS.values():
        if payer.is_contract_on_file:
            for setting, terms in _terms(payer):
                code = payer.contract_code(setting)
                yield code, payer.code, "*", setting, *terms, BEGUN, ""
