"""Requests of theatres to their stores: what was asked for, and what of it came."""

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.care.usages import Usage
from sandbox.chance import Chance
from sandbox.network.items import Item

SHORT = 0.05
OUT_OF_STOCK = 0.08


@dataclass(frozen=True, kw_only=True)
class Request:
    """A quantity of one item that a theatre asked its store for.

    What came is what `usage` took, but for a request of which nothing came: that is
    why another item was used.
    """

    request_id: str
    usage: Usage
    item: Item
    requested: int
    filled: int


def request_id(usage: Usage) -> str:
    """Return the id of the request that a usage filled; implants are asked for."""
    is_asked_for = usage.is_in_theatre and usage.item.category == "implant"
    return usage.usage_id.replace("use-", "req-") if is_asked_for else ""


def requests(usages: list[Usage]) -> Iterator[Request]:
    """Yield every request, in the order of the usages."""
    for usage in usages:
        identity = request_id(usage)
        if not identity:
            continue
        chance = Chance("request", usage.usage_id)
        missing = chance.whole(1, 2) if chance.happens(SHORT) else 0
        yield Request(
            request_id=identity,
            usage=usage,
            item=usage.item,
            requested=usage.quantity + missing,
            filled=usage.quantity,
        )
        if usage.instead_of and chance.happens(OUT_OF_STOCK):
            yield Request(
                request_id=f"{identity}-0",
                usage=usage,
                item=usage.instead_of,
                requested=usage.quantity,
                filled=0,
            )
