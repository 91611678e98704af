"""The formats of feeds. A format's name says all that its reader must know.

So a stored file can be read again, years later, without the source that brought it.
"""

from __future__ import annotations

from functools import partial
from urllib.parse import quote, unquote

from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.connectors.formats import delimited, json_page
from ledgerline.connectors.formats.record import Reader
from ledgerline.connectors.source import FormatUnknown

_PARTS = 4


def csv_rows(entity: str, *key: str) -> str:
    """Name the format of CSV with a header; `key` are the columns of the row's id."""
    return _name("feed-csv", entity, key, "")


def json_rows(entity: str, *key: str, at: str = "") -> str:
    """Name the format of a JSON page whose array of rows lies `at` a dotted place."""
    return _name("feed-json", entity, key, at)


def reader(format_name: str) -> Reader:
    """Return the reader of a feed's format; raises FormatUnknown."""
    parts = format_name.split("/")
    if len(parts) != _PARTS or parts[0] not in {"feed-csv", "feed-json"}:
        raise FormatUnknown(format_name)
    kind, entity, keys, place = (unquote(part) for part in parts)
    key = tuple(unquote(each) for each in keys.split("|"))
    if kind == "feed-csv":
        return partial(delimited.read, entity, key)
    return partial(json_page.read, entity, key, place)


def _name(kind: str, entity: str, key: tuple[str, ...], place: str) -> str:
    if not entity or not key:
        raise ConfigurationInvalid(
            "a feed's format needs the entity and the columns of its key"
        )
    names = "|".join(quote(each, safe="") for each in key)
    parts = (quote(each, safe="") for each in (entity, names, place))
    return "/".join((kind, *parts))
