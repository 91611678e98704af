"""Where contracts lie: beside this module, and in the folder that the settings name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from ledgerline import settings
from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.contracts.contract import Contract, read_contract

_SUFFIX = ".odcs.yaml"
_OWN = Path(__file__).parent
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def find(zone: str, entity: str) -> Contract | None:
    """Return the contract of an entity, or None where nothing was agreed.

    Raises ConfigurationInvalid when its document cannot be used.
    """
    return _find(zone, entity, settings.contract_folder())


def contract_files() -> Iterator[tuple[str, Path]]:
    """Yield the zone and the path of every contract there is."""
    for folder in _folders(settings.contract_folder()):
        for path in sorted(folder.glob(f"*/*{_SUFFIX}")):
            yield path.parent.name, path


@cache
def _find(zone: str, entity: str, given: Path | None) -> Contract | None:
    if "/" in entity or entity.startswith("."):
        return None
    for folder in _folders(given):
        path = folder / zone / f"{entity}{_SUFFIX}"
        if path.is_file():
            return _read(zone, path)
    return None


def _read(zone: str, path: Path) -> Contract:
    try:
        document = yaml.load(path.read_text("utf-8"), Loader=_LOADER)  # noqa: S506
        return read_contract(zone, document)
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError, KeyError) as error:
        raise ConfigurationInvalid(
            f"the contract {path} cannot be read ({type(error).__name__}); correct it"
        ) from error


def _folders(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given
    yield _OWN
