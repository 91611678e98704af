"""What waits in quarantine, for the people who act on it: show one, replay some."""

from ledgerline.operations.exceptions.next_step import NEXT_STEPS, next_step

__all__ = ["NEXT_STEPS", "next_step"]
