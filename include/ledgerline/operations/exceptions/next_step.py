"""What to do next, class by class; docs/errors.md prints the same table."""

from __future__ import annotations

from ledgerline.connectors.formats.record import RefusalClass

_AGAIN = "Have it delivered again, corrected, in a new file"
_SECURITY = "Tell security before anyone opens it; take nothing more from this sender"

NEXT_STEPS = {
    RefusalClass.AMOUNT_INVALID: f"{_AGAIN}: an amount is a plain number in USD.",
    RefusalClass.AMOUNT_SCALE: f"{_AGAIN}: an amount has at most two decimals.",
    RefusalClass.CHARSET: f"{_AGAIN}: MSH-18 names the character set really used.",
    RefusalClass.CODE_INVALID: f"{_AGAIN}: the code is outside its value set.",
    RefusalClass.CONTAINER_CORRUPT: "Have the file sent again; it broke on its way.",
    RefusalClass.CONTRACT_DRIFT: (
        "Compare the place in the message with the entity's contract. If the source is "
        f"wrong: {_AGAIN.lower()}. If the agreement has changed: change the contract "
        "with a new version, then replay."
    ),
    RefusalClass.COUNT_MISMATCH: "Fetch the file again, or ask its sender.",
    RefusalClass.DATE_INVALID: f"{_AGAIN}: a date is on no calendar.",
    RefusalClass.DUPLICATE_CONFLICT: (
        "One key came with two contents and the first one stands: ask the sender which "
        "is right, and have it sent under a new version or control number."
    ),
    RefusalClass.ENCODING: f"{_AGAIN}, as UTF-8 without NUL characters.",
    RefusalClass.ENVELOPE_INVALID: f"{_AGAIN}: its envelope does not close.",
    RefusalClass.FILE_INCOMPLETE: "Wait for the sender to finish; it is taken then.",
    RefusalClass.FILE_UNREADABLE: "Correct the file's permissions; it is taken then.",
    RefusalClass.FRAMING: f"{_AGAIN}: one message in one frame.",
    RefusalClass.ID_MISSING: f"{_AGAIN}, with the identifier that names the record.",
    RefusalClass.JSON_AMBIGUOUS: f"{_AGAIN}: every key of an object once.",
    RefusalClass.MERGE_CONFLICT: "Ask the record owner which identifier survives.",
    RefusalClass.NUMBER_INVALID: f"{_AGAIN}: finite numbers of ordinary length.",
    RefusalClass.ORDER_WAIT: "Have what it waits for delivered; it closes by itself.",
    RefusalClass.PARSE: f"{_AGAIN}, or replay once the reader is corrected.",
    RefusalClass.PATH_TRAVERSAL: f"{_SECURITY}: it points outside its folder.",
    RefusalClass.RESOURCE_LIMIT: f"{_SECURITY}: it is far larger than anything real.",
    RefusalClass.SEGMENT_DELIM: f"{_AGAIN}, with carriage returns between segments.",
    RefusalClass.SEGMENT_INVALID: f"{_AGAIN}: the named segment is out of place.",
    RefusalClass.SHAPE: f"{_AGAIN}: each row as wide as its header.",
    RefusalClass.SSRF_BLOCKED: f"{_SECURITY}: it leads to a foreign address.",
    RefusalClass.TRUNCATED: "Have the message sent again; its end is missing.",
    RefusalClass.TRUNCATED_RECORD: "Have the file sent again; its end is missing.",
    RefusalClass.UNBALANCED: f"{_AGAIN}: ask the payer for a remittance that balances.",
    RefusalClass.UNRECOGNISED_FORMAT: "Take it out of the folder, or replay once the "
    "product reads its format.",
    RefusalClass.UNSUPPORTED_CONTAINER: "Have it sent plain, as .gz or as .bz2.",
    RefusalClass.UNSUPPORTED_TRANSACTION: "Nothing: it is kept as received and read by "
    "nobody. Replay once the product reads it.",
    RefusalClass.XML_FORBIDDEN: f"{_SECURITY}: its XML defines entities.",
}
_ANY = "Send the locator and the class to the owner and have it delivered again."


def next_step(refusal_class: str) -> str:
    """Return what to do about a class; a general advice for one of another version."""
    return next(
        (step for each, step in NEXT_STEPS.items() if each.value == refusal_class), _ANY
    )
