"""Replay everything that is open, as a process of its own: python … DSN."""

import sys

from ledgerline.landing.replay import Selection, replay

report = replay(sys.argv[1], Selection(), by="a process")
print(report.replayed, report.landed)
