"""Late charges of claims that a sandbox hospital billed: a bill of frequency 5."""

from decimal import Decimal


class BilledFile:
    """The first file of institutional claims of a facility, by its own delimiters."""

    def __init__(self, folder, facility):
        path = min(folder.glob(f"{facility}_837I_????????.edi"))
        text = path.read_text()
        self.element, self.component, self.end = text[3], text[104], text[105]
        parts = [part.strip() for part in text.split(self.end) if part.strip()]
        self.segments = [part.split(self.element) for part in parts]

    def late_bill(self, claim, control, day):
        """Bill the first line of the nth claim again, as late; return its amount."""
        levels = [n for n, at in enumerate(self.segments) if at[0] == "HL"]
        block = self.segments[levels[1 + claim] : levels[2 + claim]]
        second = next(
            (n for n, at in enumerate(block) if at[:2] == ["LX", "2"]), len(block)
        )
        block = [list(segment) for segment in block[:second]]
        amount = next(at[3] for at in block if at[0] == "SV2")
        for segment in block:
            if segment[0] == "HL":
                segment[1] = "2"
            if segment[:2] == ["REF", "6R"]:
                segment[2] = f"{segment[2]}L{control}"
            if segment[0] == "CLM":
                place = segment[5].split(self.component)
                segment[2] = amount
                segment[5] = self.component.join([*place[:2], "5"])
        head = [list(segment) for segment in self.segments[: levels[1]]]
        return self._interchange(head, block, control, day), Decimal(amount)

    def _interchange(self, head, block, control, day):
        isa, group, _, transaction = head[:4]
        isa[9], isa[13] = day[2:], f"{control:09d}"
        group[4], group[6] = day, str(control)
        transaction[3], transaction[4] = f"LATE{control}", day
        opened = [*head, *block]
        trailer = [
            ["SE", str(len(opened) - 1), head[2][2]],
            ["GE", "1", str(control)],
            ["IEA", "1", f"{control:09d}"],
        ]
        return "".join(
            f"{self.element.join(segment)}{self.end}\n"
            for segment in (*opened, *trailer)
        )


def bill_late(folder, facility, claim, control, day="20260601"):
    """Put a bill of late charges into the billing folder; return its amount."""
    text, amount = BilledFile(folder, facility).late_bill(claim, control, day)
    (folder / f"{facility}_837I_late_{control}.edi").write_text(text)
    return amount
