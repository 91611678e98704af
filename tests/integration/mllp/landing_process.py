"""Land the inbox in a process of its own, killed by itself at a named moment."""

import os
import signal
import sys

from ledgerline.landing.inbox import repository
from ledgerline.landing.inbox.source import InboxSource
from ledgerline.landing.land import land


def die(*_arguments):
    os.kill(os.getpid(), signal.SIGKILL)


class Dying(InboxSource):
    """The inbox, landed by a process that dies at a moment."""

    def __init__(self, dsn, moment):
        super().__init__(dsn)
        self.moment = moment

    def deliveries(self, state):
        steps = super().deliveries(state)
        for delivery in steps:
            if self.moment == "saved":
                die()
            yield delivery
            if self.moment == "landed":
                die()

    def reader(self, format_name):
        if self.moment == "offered":
            die()
        return super().reader(format_name)


def die_after_marking():
    mark = repository.mark_landed

    def marked(*arguments):
        mark(*arguments)
        die()

    repository.mark_landed = marked


dsn, moment = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
if moment == "marked":
    die_after_marking()
print("lands", flush=True)
while True:
    land(dsn, Dying(dsn, moment))
