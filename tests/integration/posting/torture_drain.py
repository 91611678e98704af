"""Drain until nothing is left, whatever is killed. Usage: DSN PORT IDENTITY."""

import sys
import time

from ledgerline.canonical.errors import LedgerlineError
from ledgerline.posting import drain
from ledgerline.posting.port import Identity
from tests.integration.posting.stub_erp import POLICY, StubPort

DSN, PORT, IDENTITY = sys.argv[1:]
while True:
    try:
        if drain(DSN, StubPort(int(PORT), Identity(IDENTITY)), POLICY).waiting == 0:
            break
    except LedgerlineError:
        time.sleep(0.2)
