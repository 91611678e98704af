"""Identifiers that look right and belong to nobody."""


def npi(number: int) -> str:
    """Return a ten-digit NPI with its check digit.

    NPIs in use begin with 1; the range that begins with 2 is not issued.
    """
    body = f"2{number:08d}"
    total = 24
    for position, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value // 10 + value % 10
    return f"{body}{-total % 10}"


def device_identifier(number: int) -> str:
    """Return a 14-digit GS1 device identifier with its check digit."""
    body = f"0089999{number:06d}"
    total = sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(body))
    return f"{body}{-total % 10}"
