"""An entry in a worker's hands, and the policy of its ERP."""

import uuid
from dataclasses import replace
from datetime import date

from ledgerline.posting.command import State, Work
from ledgerline.posting.document import Journal, JournalLine, content_sha256
from ledgerline.posting.port import Policy

POLICY = Policy(
    call_seconds=3,
    lease_seconds=20,
    quiet_seconds=12,
    backoff_seconds=1,
    backoff_limit_seconds=60,
    attempt_limit=5,
    age_limit_seconds=1000,
)
JOURNAL = Journal(
    reference="LL|k|MVH|2026-01-11|-|v1",
    posting_date=date(2026, 1, 11),
    lines=(
        JournalLine(account_code="11200", amount_cents=500),
        JournalLine(account_code="40100", amount_cents=-500),
    ),
)
OTHER = replace(JOURNAL, posting_date=date(2026, 1, 12))
SHA = content_sha256(JOURNAL)
WORK = Work(
    entry_id=uuid.UUID(int=1),
    fence=1,
    state=State.SENDING,
    attempts=1,
    lease_until=100,
    age_seconds=10,
    content_sha256=SHA,
    document=JOURNAL,
)
