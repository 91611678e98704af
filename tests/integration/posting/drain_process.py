"""Drain in a process of its own that kills itself at a labelled point.

Usage: drain_process.py DSN ERP_PORT LABEL NUMBER. The process dies by SIGKILL when
it passes the label for the NUMBERth time.
"""

import os
import signal
import sys

from ledgerline.posting import drain
from ledgerline.posting.command import (
    Move,
    Queue,
    ReadBack,
    Send,
    Take,
    WriteAhead,
)
from ledgerline.posting.repository import outbox
from ledgerline.posting.worker.performer import Worker
from tests.integration.posting.stub_erp import POLICY, StubPort

DSN, PORT, LABEL, NUMBER = sys.argv[1:]
passed = {}


def at(label):
    passed[label] = passed.get(label, 0) + 1
    if label == LABEL and passed[label] == int(NUMBER):
        os.kill(os.getpid(), signal.SIGKILL)


LABELS = {
    WriteAhead: "written_ahead",
    Send: "answered",
    ReadBack: "read_back",
    Move: "moved",
}


def label_of(command, answer):
    if isinstance(command, Take):
        return "claimed" if command.queue is Queue.READY and answer else ""
    return LABELS.get(type(command), "")


perform = Worker._perform


def perform_labelled(self, command):
    answer = perform(self, command)
    at(label_of(command, answer))
    return answer


insert_ledger = outbox.insert_ledger


def insert_ledger_labelled(*arguments):
    insert_ledger(*arguments)
    at("in_posted_transaction")


Worker._perform = perform_labelled
outbox.insert_ledger = insert_ledger_labelled
drain(DSN, StubPort(int(PORT)), POLICY)
