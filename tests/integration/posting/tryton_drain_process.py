"""Drain into Tryton in a process that dies between a document's two halves.

Usage: tryton_drain_process.py DSN ENDPOINT_AS_JSON. The process dies by SIGKILL when
the first draft was created and before it is posted.
"""

import json
import os
import signal
import sys

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.connectors.tryton.journals import Journals
from ledgerline.posting import drain
from ledgerline.posting.tryton.adapter import TrytonErp
from tests.integration.posting.tryton_policy import POLICY


def die(self, document_id):
    os.kill(os.getpid(), signal.SIGKILL)


Journals._post_draft = die
drain(sys.argv[1], TrytonErp(Endpoint(**json.loads(sys.argv[2]))), POLICY)
