"""Times short enough for tests against a Tryton on this machine."""

from ledgerline.posting import Policy

POLICY = Policy(
    call_seconds=8,
    lease_seconds=10,
    quiet_seconds=2,
    backoff_seconds=0.2,
    patience_seconds=120,
)
