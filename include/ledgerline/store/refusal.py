"""What the database says when it keeps a rule: post.refuse raises `RULE: sentence`."""

from __future__ import annotations

import psycopg


def sentence_of(error: psycopg.errors.CheckViolation) -> str | None:
    """Return the rule's sentence; None of a check constraint, which has none."""
    _, mark, sentence = (error.diag.message_primary or "").partition(": ")
    return sentence if mark else None
