"""Map a 999, or an older 997, to one `999.group` record: a functional group answered.

The segments of both say the same in the same places; those of a 997 are named AK. What
was taken is told by codes: a count or position that is none is noted and left out.
"""

from __future__ import annotations

import msgspec

from ledgerline.connectors.formats.record import RecordRefused, RefusalClass
from ledgerline.connectors.formats.x12.records import values
from ledgerline.connectors.formats.x12.records.draft import Body
from ledgerline.connectors.formats.x12.records.set_reader import (
    OpenSet,
    SetReader,
)
from ledgerline.connectors.formats.x12.records.values import Unreadable

RESOURCE_TYPE = "999.group"
_GROUP_ERRORS = slice(5, 10)
_SET_ERRORS = slice(2, 7)
_SEGMENT_ERRORS = slice(4, 9)


class SegmentError(msgspec.Struct, omit_defaults=True, gc=False):
    """What is wrong with a segment (IK3, AK3) or an element of it (IK4, AK4)."""

    segment_tag: str = ""
    segment_position: int | None = None
    loop: str = ""
    element_position: int | None = None
    code: str = ""


class AnsweredSet(msgspec.Struct, omit_defaults=True, gc=False):
    """A transaction set that is acknowledged (AK2)."""

    error_codes: list[str]
    errors: list[SegmentError]
    set_control_number: str
    transaction: str = ""
    implementation: str = ""
    accept_code: str = ""


class AnsweredGroup(Body):
    """A 999.group (AK1)."""

    sender_id: str
    receiver_id: str
    error_codes: list[str]
    sets: list[AnsweredSet]
    functional_code: str = ""
    group_control_number: str = ""
    implementation: str = ""
    accept_code: str = ""
    included_count: int | None = None
    received_count: int | None = None
    accepted_count: int | None = None


class AcknowledgementReader(SetReader):
    """Reads a set in order; an answer that says nothing of its group is refused."""

    is_whole = True

    def __init__(self, opened: OpenSet) -> None:
        """Begin a transaction set at its ST."""
        super().__init__(
            opened,
            {
                "AK1": self._ak1,
                "AK2": self._ak2,
                "IK3": self._ik3,
                "AK3": self._ik3,
                "IK4": self._ik4,
                "AK4": self._ik4,
                "IK5": self._ik5,
                "AK5": self._ik5,
                "AK9": self._ak9,
            },
        )
        self._group = AnsweredGroup(opened.sender_id, opened.receiver_id, [], [])
        self._draft = self.whole(RESOURCE_TYPE, self._group)
        self._set: AnsweredSet | None = None

    def finish(self) -> None:
        """Complete the group."""
        self._end_set()
        if not (self._group.group_control_number and self._group.accept_code):
            raise RecordRefused(
                RefusalClass.SEGMENT_INVALID,
                f"the acknowledgement (segment {self._draft.number}) names no group "
                "(AK102) or no result (AK901)",
            )
        self.end(self._draft)

    def _ak1(self, text: str) -> None:
        e = self.marks.elements(text)
        group = self._group
        group.functional_code, group.group_control_number = e[1], e[2]
        group.implementation = e[3]

    def _ak2(self, text: str) -> None:
        e = self.marks.elements(text)
        self._end_set()
        self._set = AnsweredSet([], [], e[2], e[1], e[3])
        self._group.sets.append(self._set)

    def _ik3(self, text: str) -> None:
        e = self.marks.elements(text)
        position = self._counted(e, 2)
        codes = [code for code in e[_SEGMENT_ERRORS] if code] or [""]
        self._opened_set(text).errors += [
            SegmentError(e[1], position, e[3], code=code) for code in codes
        ]

    def _ik4(self, text: str) -> None:
        e = self.marks.elements(text)
        errors = self._opened_set(text).errors
        if not errors:
            raise self.outside(text, "a segment in error (IK3, AK3)")
        segment = errors[-1]
        e[1] = e[1].split(self.marks.component)[0]
        position = self._counted(e, 1)
        errors.append(
            SegmentError(
                segment.segment_tag,
                segment.segment_position,
                segment.loop,
                position,
                e[3],
            )
        )

    def _ik5(self, text: str) -> None:
        e = self.marks.elements(text)
        answered = self._opened_set(text)
        answered.accept_code = e[1]
        answered.error_codes = [code for code in e[_SET_ERRORS] if code]

    def _ak9(self, text: str) -> None:
        e = self.marks.elements(text)
        self._end_set()
        group = self._group
        group.error_codes = [code for code in e[_GROUP_ERRORS] if code]
        group.accept_code = e[1]
        group.included_count = self._counted(e, 2)
        group.received_count = self._counted(e, 3)
        group.accepted_count = self._counted(e, 4)

    def _counted(self, elements: list[str], position: int) -> int | None:
        try:
            return self.read(values.whole, elements, position)
        except Unreadable as bad:
            self._draft.note(bad.refusal_class, bad.element, *self.place())
            return None

    def _opened_set(self, text: str) -> AnsweredSet:
        if self._set is None:
            raise self.outside(text, "an acknowledged set (AK2)")
        return self._set

    def _end_set(self) -> None:
        answered, self._set = self._set, None
        if answered is None:
            return
        if not (answered.set_control_number and answered.accept_code):
            raise RecordRefused(
                RefusalClass.SEGMENT_INVALID,
                f"an acknowledged set before segment {self.number} has no control "
                "number (AK202) or no result (IK501, AK501)",
            )
