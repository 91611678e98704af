"""Replay: land what waits in quarantine from its stored bytes, with today's code."""

from ledgerline.landing.replay.replay import ReplayReport, replay
from ledgerline.landing.replay.repository import Selection

__all__ = ["ReplayReport", "Selection", "replay"]
