"""X12 files read again with the splitter; nothing of the writer is used."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from tests.sandbox.splitter import adjusted, component, segments

ADDITIVE = {"2", "3", "4", "5"}


@dataclass(kw_only=True)
class Sent:
    """One claim of an 837 file."""

    file_name: str
    reference: str
    sent_on: str
    group: str
    set_number: str
    npi: str
    account: str
    charge: Decimal
    frequency: str
    sequence: str
    prior: str = ""
    payer_id: str = ""
    statement: str = ""
    change_reason: str = ""
    other_payers: list[str] = field(default_factory=list)
    other_paid: Decimal | None = None
    other_adjusted: Decimal = Decimal()
    lines: list[dict] = field(default_factory=list)

    @property
    def claim_id(self):
        return f"{self.npi}|{self.account}"

    def charge_id(self, number):
        if self.frequency not in ADDITIVE:
            return f"{self.claim_id}|{number}"
        return f"{self.claim_id}|{self.sent_on}.{self.frequency}|{number}"


@dataclass(kw_only=True)
class Paid:
    """One claim of an 835 file; `cas` are the CAS segments of the claim itself."""

    file_name: str
    trace: str
    paid_on: str
    payer_id: str
    npi: str
    clp: list[str]
    references: dict[str, str] = field(default_factory=dict)
    cas: list[list[str]] = field(default_factory=list)
    lines: list[dict] = field(default_factory=list)

    @property
    def claim_id(self):
        return f"{self.npi}|{self.clp[1]}"

    @property
    def every_cas(self):
        return self.cas + [cas for line in self.lines for cas in line["cas"]]


def original(path):
    return not path.name.endswith("_resent.edi")


class Walker:
    """Calls `on_isa` for ISA, and so on, for those segments that the class knows."""

    def __init__(self, path):
        self.path = path
        self.sub = component(path)
        self.claims = []
        self.walk()

    def walk(self):
        for segment in segments(self.path):
            take = getattr(self, f"on_{segment[0].lower()}", None)
            if take:
                take(segment)


class ClaimFile(Walker):
    """The claims of an 837 file."""

    def on_gs(self, segment):
        self.header = {"group": segment[6], "file_name": self.path.name}

    def on_st(self, segment):
        self.header["set_number"] = segment[2]

    def on_bht(self, segment):
        self.header |= {"reference": segment[3], "sent_on": segment[4]}

    def on_hl(self, segment):
        self.claim, self.level = None, {}

    def on_sbr(self, segment):
        if self.claim:
            self.claim.other_payers.append(segment[1])
        else:
            self.level["sequence"] = segment[1]

    def on_nm1(self, segment):
        if segment[1] == "85":
            self.header["npi"] = segment[9]
        elif segment[1] == "PR" and not self.claim:
            self.level["payer_id"] = segment[9]

    def on_clm(self, segment):
        self.claim = Sent(
            **self.header,
            **self.level,
            account=segment[1],
            charge=Decimal(segment[2]),
            frequency=segment[5].split(self.sub)[2],
        )
        self.claims.append(self.claim)

    def on_ref(self, segment):
        if segment[1] == "F8" and not self.claim.other_payers:
            self.claim.prior = segment[2]
        elif segment[1] == "6R":
            self.claim.lines[-1]["control_number"] = segment[2]

    def on_dtp(self, segment):
        if segment[1] == "434":
            self.claim.statement = segment[3]
        elif segment[1] == "472":
            self.claim.lines[-1]["service_date"] = segment[3]

    def on_hi(self, segment):
        qualifier, _, code = segment[1].partition(self.sub)
        if qualifier == "BG":
            self.claim.change_reason = code

    def on_amt(self, segment):
        self.claim.other_paid = Decimal(segment[2])

    def on_cas(self, segment):
        self.claim.other_adjusted += adjusted(segment)

    def on_lx(self, segment):
        line = {"number": segment[1], "revenue_code": "", "paid": None}
        self.claim.lines.append(line)

    def on_sv1(self, segment):
        self.claim.lines[-1]["charge"] = Decimal(segment[2])

    def on_sv2(self, segment):
        line = {"revenue_code": segment[1], "charge": Decimal(segment[3])}
        self.claim.lines[-1] |= line

    def on_svd(self, segment):
        self.claim.lines[-1]["paid"] = Decimal(segment[2])


class RemittanceFile(Walker):
    """The payment, claims and provider adjustments of an 835 file."""

    def walk(self):
        self.shared, self.kept, self.line = {}, [], None
        super().walk()

    def on_bpr(self, segment):
        self.paid, self.shared["paid_on"] = Decimal(segment[2]), segment[16]

    def on_trn(self, segment):
        self.shared["trace"] = segment[2]

    def on_n1(self, segment):
        if segment[1] == "PE":
            self.shared["npi"] = segment[4]

    def on_ref(self, segment):
        if segment[1] == "2U":
            self.shared["payer_id"] = segment[2]
        elif self.claims and not self.line:
            self.claims[-1].references[segment[1]] = segment[2]

    def on_clp(self, segment):
        self.line = None
        self.claims.append(Paid(file_name=self.path.name, clp=segment, **self.shared))

    def on_svc(self, segment):
        self.line = {"svc": segment, "cas": []}
        self.claims[-1].lines.append(self.line)

    def on_cas(self, segment):
        (self.line["cas"] if self.line else self.claims[-1].cas).append(segment)

    def on_plb(self, segment):
        reasons = (element.split(self.sub)[0] for element in segment[3::2])
        self.kept += zip(reasons, map(Decimal, segment[4::2]), strict=True)


class SyntaxAnswer(Walker):
    """The sets of one group that a 999 file answers."""

    def walk(self):
        self.sets = []
        super().walk()

    def on_isa(self, segment):
        self.receiver = segment[8].strip()

    def on_ak1(self, segment):
        self.group = segment[2]

    def on_ak2(self, segment):
        self.number = segment[2]

    def on_ik5(self, segment):
        self.sets.append((self.number, segment[1]))

    def on_ak9(self, segment):
        self.summary = segment[1:]


class ClaimAnswer(Walker):
    """The claims that a 277CA file answers, and its totals by level."""

    def walk(self):
        self.totals = defaultdict(dict)
        super().walk()

    def on_hl(self, segment):
        self.level = segment[3]

    def on_nm1(self, segment):
        if segment[1] == "85":
            self.npi = segment[9]

    def on_trn(self, segment):
        if self.level == "21":
            self.reference = segment[2]
        elif self.level == "PT":
            self.claims.append({"npi": self.npi, "account": segment[2]})

    def on_stc(self, segment):
        if self.level == "PT":
            self.claims[-1] |= {
                "status": segment[1].split(self.sub),
                "action": segment[3],
                "charge": Decimal(segment[4]),
            }

    def on_ref(self, segment):
        self.claims[-1][segment[1]] = segment[2]

    def on_qty(self, segment):
        self.totals[self.level][segment[1]] = Decimal(segment[2])

    on_amt = on_qty
