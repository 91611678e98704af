"""Posting: published desired state becomes ERP documents, each exactly once.

`propose` writes entries for the difference, `release` frees what the gate passed,
`drain` sends. The states and their guards live in the database.
"""

from ledgerline.posting.drain import DrainReport, drain
from ledgerline.posting.port import ErpPort, Policy
from ledgerline.posting.propose import ProposalReport, propose
from ledgerline.posting.release import ReleaseReport, release

__all__ = [
    "DrainReport",
    "ErpPort",
    "Policy",
    "ProposalReport",
    "ReleaseReport",
    "drain",
    "propose",
    "release",
]
