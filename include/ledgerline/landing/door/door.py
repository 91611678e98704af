"""Compare one file's records with their contracts.

What breaks a contract is refused, record by record; a file in which every record of an
entity breaks it in the same way has other columns and is refused as a whole. What goes
beyond a contract lands, and is noted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from ledgerline import settings
from ledgerline.connectors.formats.record import (
    FileRefused,
    Record,
    Refusal,
    RefusalClass,
)
from ledgerline.contracts import Contract, find
from ledgerline.contracts.check import Checker
from ledgerline.landing.door import drift
from ledgerline.store.engine import Connection

_CERTAIN = 2
"""So many records that break alike are no accident."""


@dataclass(kw_only=True)
class _Entity:
    """What the records of one entity in this file came to."""

    checker: Checker
    count: int = 0
    breaches: Counter[str] = field(default_factory=Counter)
    additions: dict[str, drift.Addition] = field(default_factory=dict)


class Door:
    """The contracts of one zone, held against the records of one file."""

    def __init__(self, zone: str) -> None:
        """Begin a file."""
        self._zone = zone
        self._entities: dict[str, _Entity | None] = {}

    def checks(self, names: Iterable[str]) -> bool:
        """Tell whether records of any of these entities may break their contract."""
        entities = [self._entity(name) for name in names]
        return any(each and not each.checker.is_nothing_left for each in entities)

    def breach(self, record: Record) -> Refusal | None:
        """Return why a record cannot land, or None; note what its contract lacks."""
        entity = self._entity(record.resource_type)
        if entity is None:
            return None
        entity.count += 1
        if not entity.additions and entity.checker.is_exact(record.body):
            return None
        reason = entity.checker.breach(record.body)
        if not reason:
            self._note(entity, record)
            return None
        entity.breaches[reason] += 1
        return Refusal(
            resource_type=record.resource_type,
            refusal_class=RefusalClass.CONTRACT_DRIFT,
            message=_sentence(entity.checker.contract, reason),
            byte_offset=record.byte_offset,
            byte_length=record.byte_length,
        )

    def close(self, connection: Connection, source: str, file_name: str) -> None:
        """End the file: note additive drift.

        Raises FileRefused when every record of an entity breaks in the same way.
        """
        for entity in self._entities.values():
            if entity is not None:
                _refuse_other_columns(entity)
        drift.note(connection, source, file_name, self._additions())

    def _entity(self, name: str) -> _Entity | None:
        if name not in self._entities:
            checker = _checker(self._zone, name, settings.contract_folder())
            self._entities[name] = _Entity(checker=checker) if checker else None
        return self._entities[name]

    def _note(self, entity: _Entity, record: Record) -> None:
        for name in entity.checker.additions(record.body):
            known = entity.additions.get(name)
            if known is None:
                entity.additions[name] = drift.Addition(
                    entity=record.resource_type,
                    name=name,
                    byte_offset=record.byte_offset,
                )
            else:
                known.count += 1

    def _additions(self) -> list[drift.Addition]:
        return [
            addition
            for entity in self._entities.values()
            if entity is not None
            for addition in entity.additions.values()
        ]


@cache
def _checker(zone: str, name: str, _folder: object) -> Checker | None:
    contract = find(zone, name)
    return Checker(contract) if contract else None


def _refuse_other_columns(entity: _Entity) -> None:
    if len(entity.breaches) != 1:
        return
    [(reason, count)] = entity.breaches.items()
    contract = entity.checker.contract
    is_certain = count >= _CERTAIN or (
        contract.is_every_property_present and "[missing]" in reason
    )
    if count == entity.count and is_certain:
        raise FileRefused(
            RefusalClass.CONTRACT_DRIFT,
            f"every record: {_sentence(contract, reason)}",
        )


def _sentence(contract: Contract, reason: str) -> str:
    return f"{contract.entity}, contract {contract.version}: {reason}"
