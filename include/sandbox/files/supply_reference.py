"""Reference tables of supplies: cards, contracts, packs, charges and replenishment."""

from collections.abc import Iterator

from sandbox.care.cards_on_file import card_lines
from sandbox.network.items import Item, all_items

Row = tuple[object, ...]
Tables = dict[str, tuple[tuple[str, ...], list[Row]]]

IMPLANT_REVENUE_CODE = "0278"
BOX, BOX_OF = "box", 10
CONSIGNED = "Transcatheter valve"
REVIEW_DAYS, LEAD_DAYS = 7, 5
SAFETY = 18  # of supplies; of a device one
SHORT_COST, LEFT_COST = 4, 1  # of a device that is missing, of one too many
CARD_COLUMNS = (
    "card_code",
    "procedure_code",
    "provider_id",
    "facility_code",
    "item_code",
    "replaces_item_code",
    "open_quantity",
    "hold_quantity",
    "standard_price",
    "valid_from",
    "valid_to",
)
CONTRACT_COLUMNS = (
    "contract_code",
    "supplier_code",
    "item_code",
    "facility_code",
    "price_unit",
    "unit_price",
    "valid_from",
    "valid_to",
)
POLICY_COLUMNS = (
    "stock_location_code",
    "item_code",
    "is_consigned",
    "review_days",
    "lead_days",
    "safety_quantity",
    "order_unit",
    "stock_out_cost",
    "holding_cost",
)


def supply_tables() -> Tables:
    """Return columns and rows of each table by its name."""
    items = all_items()
    implants = [item for item in items if item.category == "implant"]
    boxed = [item for item in items if item.category == "supply"]
    return {
        "preference_card": (CARD_COLUMNS, list(_cards())),
        "chargeable_item": (
            ("item_code", "revenue_code", "procedure_code"),
            [(item.code, IMPLANT_REVENUE_CODE, item.hcpcs) for item in implants],
        ),
        "supply_contract": (CONTRACT_COLUMNS, list(_contracts(implants + boxed))),
        "item_unit": (
            ("item_code", "pack_unit", "item_quantity"),
            [(item.code, BOX, BOX_OF) for item in boxed],
        ),
        "stock_policy": (POLICY_COLUMNS, list(_policies(items))),
    }


def _cards() -> Iterator[Row]:
    for line in card_lines():
        yield (
            line.card_code,
            line.procedure_code,
            line.surgeon_id,
            line.facility_code,
            line.item.code,
            line.replaces.code if line.replaces else "",
            line.open_quantity,
            line.hold_quantity,
            line.standard_price or "",
            line.valid_from.isoformat(),
            line.valid_to.isoformat() if line.valid_to else "",
        )


def _contracts(items: list[Item]) -> Iterator[Row]:
    """Yield what suppliers agreed to, and when; drugs are bought without a contract."""
    for item in items:
        unit, pieces = ("u", 1) if item.category == "implant" else (BOX, BOX_OF)
        code = f"{item.supplier_code}-{item.category}"
        since = ""
        for price, until in item.agreed_prices():
            ends = until.isoformat() if until else ""
            agreed = (unit, price * pieces, since, ends)
            yield code, item.supplier_code, item.code, "*", *agreed
            since = ends


def _policies(items: list[Item]) -> Iterator[Row]:
    """Yield how stores keep implants and supplies; valves are the supplier's own."""
    for item in items:
        if item.category == "drug":
            continue
        is_implant = item.category == "implant"
        unit, safety = ("", 1) if is_implant else (BOX, SAFETY)
        costs = (SHORT_COST, LEFT_COST) if is_implant else ("", "")
        consigned = str(item.name.startswith(CONSIGNED)).lower()
        replenished = (REVIEW_DAYS, LEAD_DAYS, safety, unit)
        yield "*", item.code, consigned, *replenished, *costs
