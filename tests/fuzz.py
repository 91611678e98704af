"""How many spoiled inputs each parser is fed: `make fuzz` feeds it 100,000."""

import os

INPUTS = int(os.environ.get("LEDGERLINE_FUZZ_INPUTS", "20_000"))
