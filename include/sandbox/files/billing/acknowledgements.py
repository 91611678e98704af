"""What the clearinghouse answers to each 837 file: a 999, and a 277CA of its claims."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from sandbox.files.billing.claims837 import (
    CLEARINGHOUSE,
    SentFile,
    biller,
    member_id,
)
from sandbox.files.people import name_patient
from sandbox.files.x12 import ControlNumbers, Envelope, Segments, day, plain
from sandbox.life_cycle.submission import ACCEPTED, SET_REJECTED, Submission
from sandbox.money import text

SYNTAX_AFTER, CLAIMS_AFTER = timedelta(days=1), timedelta(days=2)
ACCEPTED_STATUS, REJECTED_STATUS = ("A2", "20"), ("A7", "164", "IL")
TAKEN, REFUSED = "WQ", "U"


def _envelope(file: SentFile, number: int, *, is_syntax: bool) -> Envelope:
    return Envelope(
        sender=CLEARINGHOUSE,
        receiver=file.envelope.sender,
        control_number=number,
        sent_on=file.envelope.sent_on + (SYNTAX_AFTER if is_syntax else CLAIMS_AFTER),
        functional_code="FA" if is_syntax else "HN",
        transaction="999" if is_syntax else "277",
        implementation="005010X231A1" if is_syntax else "005010X214",
    )


def _is_rejected(file: SentFile) -> bool:
    return file.submissions[0].fate == SET_REJECTED


def syntax_segments(file: SentFile) -> Segments:
    """Return the body of the 999: whether the transaction set could be read."""
    segments = Segments(file.submissions[0].facility.remittance)
    add, around = segments.add, file.envelope
    guide = around.implementation
    add("AK1", around.functional_code, str(around.control_number), guide)
    add("AK2", around.transaction, around.set_control_number, guide)
    if _is_rejected(file):
        add("IK3", "HI", "23", "2300", "8")
        add("CTX", "SITUATIONAL TRIGGER", "HI", "23", "2300")
        add("IK4", segments.composite("1", "2"), "1271", "7", "Z999")
        add("IK5", "R", "5")
        add("AK9", "R", "1", "1", "0")
    else:
        add("IK5", "A")
        add("AK9", "A", "1", "1", "1")
    return segments


def receipt_segments(file: SentFile) -> Segments:
    """Return the TA1: that the interchange arrived."""
    segments = Segments(file.submissions[0].facility.remittance)
    around = file.envelope
    number, sent = f"{around.control_number:09d}", around.sent_on.strftime("%y%m%d")
    segments.add("TA1", number, sent, "0600", "A", "000")
    return segments


class ClaimAcknowledgement:
    """Builds the 277CA of one 837 file: which of its claims were taken."""

    def __init__(self, file: SentFile) -> None:
        """Take the file that is acknowledged."""
        self.file = file
        first = file.submissions[0]
        self.facility = first.facility
        self.npi = first.claim.billing_npi
        self.on = day(file.envelope.sent_on + CLAIMS_AFTER)
        self.taken = [each for each in file.submissions if each.fate == ACCEPTED]
        self.refused = [each for each in file.submissions if each.fate != ACCEPTED]
        self.segments = Segments(self.facility.remittance)

    def build(self, envelope: Envelope) -> bytes:
        """Return the bytes of the file."""
        number = f"{envelope.control_number:09d}"
        self.segments.add("BHT", "0085", "08", number, self.on, "0700", "TH")
        self._source(number)
        self._receiver()
        self._provider()
        for level, submission in enumerate(self.file.submissions, start=4):
            self._claim(level, submission)
        return self.segments.interchange(envelope)

    def _source(self, number: str) -> None:
        add = self.segments.add
        add("HL", "1", "", "20", "1")
        add("NM1", "AY", "2", CLEARINGHOUSE, "", "", "", "", "46", CLEARINGHOUSE)
        add("TRN", "1", number)
        add("DTP", "050", "D8", day(self.file.envelope.sent_on))
        add("DTP", "009", "D8", self.on)

    def _receiver(self) -> None:
        add, receiver = self.segments.add, biller(self.facility)
        add("HL", "2", "1", "21", "1")
        name = plain(self.facility.name)
        add("NM1", "41", "2", name, "", "", "", "", "46", receiver)
        add("TRN", "2", self.file.reference)
        self._totals(self.on, "90", "AA")

    def _provider(self) -> None:
        add = self.segments.add
        add("HL", "3", "2", "19", "1")
        name = plain(self.facility.name)
        add("NM1", "85", "2", name, "", "", "", "", "XX", self.npi)
        add("TRN", "1", "0")
        self._totals("", "QA", "QC")

    def _totals(self, on: str, taken_qualifier: str, refused_qualifier: str) -> None:
        """Add the status of the whole file, and how much of it was taken."""
        everything = sum(each.charge for each in self.file.submissions)
        self._status(("A1", "19", "PR"), on, TAKEN, everything)
        for qualifier, listed in (
            (taken_qualifier, self.taken),
            (refused_qualifier, self.refused),
        ):
            if listed:
                self.segments.add("QTY", qualifier, str(len(listed)))
        for qualifier, listed in (("YU", self.taken), ("YY", self.refused)):
            if listed:
                amount = sum(each.charge for each in listed)
                self.segments.add("AMT", qualifier, text(amount))

    def _status(
        self, codes: tuple[str, ...], on: str, action: str, amount: int
    ) -> None:
        status = self.segments.composite(*codes)
        self.segments.add("STC", status, on, action, text(amount))

    def _claim(self, level: int, submission: Submission) -> None:
        add, encounter = self.segments.add, submission.encounter
        add("HL", str(level), "3", "PT")
        number = member_id(submission)
        name_patient(self.segments, "QC", encounter.patient, number)
        add("TRN", "2", encounter.account_number)
        is_taken = submission.fate == ACCEPTED
        codes = ACCEPTED_STATUS if is_taken else REJECTED_STATUS
        action = TAKEN if is_taken else REFUSED
        self._status(codes, self.on, action, submission.charge)
        if is_taken:
            add("REF", "1K", submission.payer_number)
        add("REF", "D9", f"{self.file.reference}{level:04d}")
        first, last = submission.statement_from, submission.statement_through
        if submission.kind == "I":
            place = "11" if encounter.is_inpatient else "13"
            add("REF", "BLT", f"{place}{submission.frequency}")
        if first == last:
            add("DTP", "472", "D8", day(first))
        else:
            add("DTP", "472", "RD8", f"{day(first)}-{day(last)}")


def acknowledgement_files(
    files: Iterable[SentFile],
) -> Iterator[tuple[str, str, bytes]]:
    """Yield (kind, name, bytes) of the answers to each file.

    The first file of a series gets a receipt as well; a refused set, no 277CA.
    """
    numbers = ControlNumbers()
    series = set()
    for file in files:
        first = file.submissions[0]
        stem = f"{first.facility.code}_{first.kind}_{day(first.sent_on)}.edi"
        if stem[:5] not in series:
            series.add(stem[:5])
            envelope = _envelope(file, numbers.next_for(CLEARINGHOUSE), is_syntax=True)
            receipt = receipt_segments(file).bare_interchange(envelope)
            yield "TA1", f"TA1_{stem}", receipt
        envelope = _envelope(file, numbers.next_for(CLEARINGHOUSE), is_syntax=True)
        syntax = syntax_segments(file).interchange(envelope)
        yield "999", f"999_{stem}", syntax
        if not _is_rejected(file):
            number = numbers.next_for(CLEARINGHOUSE)
            envelope = _envelope(file, number, is_syntax=False)
            content = ClaimAcknowledgement(file).build(envelope)
            yield "277CA", f"277CA_{stem}", content
