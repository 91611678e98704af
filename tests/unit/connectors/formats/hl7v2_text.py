"""Small synthetic HL7 v2 messages for tests, built segment by segment."""

from pathlib import Path

from ledgerline.connectors.formats import hl7v2

MESSAGES = Path(__file__).parents[3] / "messages"


def message(name):
    return (MESSAGES / name).read_bytes()


def adt(trigger, control_id, at="20260314081500-0500", **parts):
    """Return an ADT message; `parts` replace PID, PV1, MRG, the sequence or EVN-6."""
    facility = parts.get("facility", "MVH")
    segments = [
        f"MSH|^~\\&|EPICADT|{facility}|LEDGER|NET|{parts.get('sent', at)}||"
        f"ADT^{trigger}^ADT_A01|{control_id}|P|2.5.1|{parts.get('sequence', '')}",
        f"EVN|{trigger}|{at}||||{parts.get('occurred', '')}".rstrip("|"),
        parts.get("pid", "PID|1||1001^^^MVH^MR|||||F||||||||||MVH0000123^^^MVH^AN"),
    ]
    if "mrg" in parts:
        segments.append(parts["mrg"])
    elif "pv1" not in parts or parts["pv1"]:
        segments.append(parts.get("pv1", pv1()))
    return "".join(segment + "\r" for segment in segments).encode()


def pv1(number="MVH0000123", **fields):
    """Return a PV1 segment; fields by number, for example f3 or f45."""
    values = {2: "I", 3: "4EAST^401^A^MVH", 10: "SUR", 19: f"{number}^^^MVH^VN"}
    values |= {int(name[1:]): value for name, value in fields.items()}
    return "PV1|" + "|".join(values.get(at, "") for at in range(1, 46)).rstrip("|")


def siu(trigger, control_id, at="20260301100000-0500", **parts):
    """Return an SIU message."""
    segments = [
        f"MSH|^~\\&|CADENCE|MVH|LEDGER|NET|{at}||SIU^{trigger}^SIU_S12|{control_id}|P|2.5.1",
        parts.get("sch", "SCH|P1|F1|||||ELECTIVE||45|min|^^^20260320090000-0500"),
        "PID|1||1001^^^MVH^MR|||||F||||||||||MVH0000123^^^MVH^AN",
        *parts.get("resources", ("RGS|1", "AIL|1|A|OR3^^^MVH|OR")),
    ]
    return "".join(segment + "\r" for segment in segments).encode()


def charset(name, text="Müller"):
    """A message that declares a character set, with a place of this name in it."""
    header, rest = adt("A01", "M1").decode().split("\r", 1)
    fields = header.split("|")
    fields += [""] * (18 - len(fields))
    fields[17] = name
    return "|".join(fields) + "\r" + rest.replace("4EAST", text)


def read(content, chunk=64 * 1024):
    """Return what the reader yields, the content given in chunks of this size."""
    chunks = [content[at : at + chunk] for at in range(0, len(content), chunk)]
    return list(hl7v2.read(lambda: iter(chunks)))
