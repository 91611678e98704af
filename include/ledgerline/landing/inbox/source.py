"""The inbox as a source: what waits is offered as files of framed messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from io import BytesIO
from typing import BinaryIO

from ledgerline.connectors.formats.record import Reader
from ledgerline.connectors.mllp import frame_file
from ledgerline.connectors.source import Delivery, State
from ledgerline.landing.inbox import repository
from ledgerline.store.engine import Connection, connect

_OPEN = "open_delivery"
_DELIVERY_MESSAGES = 20_000
_DELIVERY_BYTES = 16 * 1024 * 1024


class InboxSource:
    """Offers the messages that wait when it is asked, oldest first.

    Which messages make up a delivery is remembered before it is offered, so that a
    process that is killed offers exactly the same bytes again: landed already, they
    are known as a whole, refused messages included. Only then are they marked.
    """

    zone = "ehr"
    name = "ehr_mllp"
    is_whole = False

    def __init__(self, dsn: str, delivery_bytes: int = _DELIVERY_BYTES) -> None:
        """Describe the inbox of a warehouse; `dsn` is its owner's."""
        self._dsn = dsn
        self._delivery_bytes = delivery_bytes

    def deliveries(self, state: State) -> Iterator[Delivery]:
        """Offer what waits; what is landed loses its bytes in the inbox."""
        with connect(self._dsn) as connection:
            newest = repository.newest(connection)
            while message_ids := self._next(connection, state, newest):
                delivery = _delivery(connection, message_ids)
                yield delivery
                repository.mark_landed(connection, delivery.name, message_ids)
                state.drop(_OPEN)

    def recognise(self, name: str, head: bytes) -> str:
        """Return the only format there is."""
        return frame_file.FORMAT

    def reader(self, format_name: str) -> Reader:
        """Return the reader of files of frames."""
        return frame_file.reader(format_name)

    def _next(self, connection: Connection, state: State, newest: int) -> list[int]:
        """Return the delivery that a dead process left, else a new one."""
        left = state.load(_OPEN)
        if left is not None and repository.are_waiting(connection, left["message_ids"]):
            return list(left["message_ids"])
        message_ids = repository.waiting(
            connection, newest, _DELIVERY_MESSAGES, self._delivery_bytes
        )
        if message_ids:
            state.save(_OPEN, {"message_ids": message_ids})
        return message_ids


def has_mail(dsn: str) -> bool:
    """Tell whether messages wait in the inbox of a warehouse."""
    with connect(dsn) as connection:
        return repository.newest(connection) > 0


def _delivery(connection: Connection, message_ids: Sequence[int]) -> Delivery:
    def opened() -> AbstractContextManager[BinaryIO]:
        messages = repository.contents(connection, message_ids)
        return nullcontext(BytesIO(frame_file.written(messages)))

    return Delivery(
        name=f"inbox/{message_ids[0]:012d}-{message_ids[-1]:012d}.hl7",
        opened=opened,
        format=frame_file.FORMAT,
        expected_count=len(message_ids),
    )
