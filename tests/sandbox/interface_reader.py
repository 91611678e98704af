"""Re-reads the HL7 feed with python-hl7; nothing of the writer is used."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import hl7

MESSAGE = re.compile(rb"(?:^|(?<=[\r\n\x0b])|(?<=\xef\xbb\xbf))MSH")
AFTER = re.compile(rb"\x1c|[\r\n](?:BTS|MSH|FTS)")
CHARACTER_SETS = {"UNICODE UTF-8": "utf-8", "8859/1": "latin-1"}


@dataclass(frozen=True, kw_only=True)
class Read:
    """A message with its place; `parsed` is python-hl7's."""

    file_name: str
    offset: int
    content: bytes
    parsed: hl7.Message

    @property
    def kind(self):
        code = self.field("MSH", 9).split("^")
        return f"{code[0]}^{code[1]}"

    @property
    def key(self):
        return tuple(self.field("MSH", number) for number in (3, 4, 10))

    @property
    def order(self):
        happened = self.field("EVN", 6) if self.has("EVN") else self.field("MSH", 7)
        sent = self.field("MSH", 7)
        return moment(happened), moment(sent), int(self.field("MSH", 13))

    def has(self, name):
        return any(str(segment[0]) == name for segment in self.parsed)

    def field(self, name, number):
        segment = self.parsed.segment(name)
        return str(segment[number]) if number < len(segment) else ""

    def part(self, name, number, component=1):
        return (self.field(name, number).split("^") + [""] * component)[component - 1]


def read(path):
    """Yield every message of a file that is long enough to be one."""
    content = path.read_bytes()
    for found in MESSAGE.finditer(content):
        start = found.start()
        end = AFTER.search(content, start + 3)
        message = content[start : end.start() if end else len(content)]
        if message.count(b"|") < 12:
            continue
        character_set = message.splitlines()[0].decode("latin-1").split("|")[17]
        text = message.decode(CHARACTER_SETS[character_set])
        yield Read(
            file_name=path.name,
            offset=start,
            content=message,
            parsed=hl7.parse(re.sub(r"\r?\n", "\r", text)),
        )


def moment(stamp):
    """Return an HL7 time with its offset as a UTC moment."""
    return datetime.strptime(stamp, "%Y%m%d%H%M%S%z").astimezone(UTC)


def iso(stamp):
    return moment(stamp).strftime("%Y-%m-%dT%H:%M:%SZ") if stamp else ""


def transactions(message):
    """Return the FT1 segments as dictionaries of what money depends on."""
    for ft1 in message.parsed.segments("FT1"):
        fields = [str(field) for field in ft1] + [""] * 26
        code, _, system = fields[7].split("^")
        yield {
            "transaction_id": fields[2],
            "service_date": f"{fields[4][:4]}-{fields[4][4:6]}-{fields[4][6:]}",
            "post_date": f"{fields[5][:4]}-{fields[5][4:6]}-{fields[5][6:]}",
            "sign": {"CG": 1, "CD": -1}[fields[6]],
            "revenue_code": code if system == "NUBC" else "",
            "procedure_code": fields[25].split("^")[0],
            "quantity": fields[10],
            "charge_amount": Decimal(fields[11].removesuffix("&USD")),
            "department": fields[13],
        }


def folded(messages):
    """Fold one visit's ADT messages, in the order in which things happened."""
    state = {"status": "cancelled", "discharged_at": "", "admitted_at": ""}
    for message in sorted(messages, key=lambda message: message.order):
        trigger = message.kind.removeprefix("ADT^")
        state["patient_class"] = message.field("PV1", 2)
        state["department_native_code"] = message.part("PV1", 3)
        if trigger in {"A01", "A04"}:
            state["status"] = "in_progress"
            state["admitted_at"] = iso(message.field("PV1", 44))
        elif trigger == "A11":
            state["status"] = "cancelled"
        elif trigger == "A03":
            state["status"] = "finished"
            state["discharged_at"] = iso(message.field("PV1", 45))
            state["discharge_disposition"] = message.field("PV1", 36)
        elif trigger == "A13":
            state |= {"status": "in_progress", "discharged_at": ""}
    state.setdefault("discharge_disposition", "")
    return state
