"""The only place where landing speaks SQL; the statements are in queries.sql.

`batches` knows turns, batches and what sources remember; `files` the stored bytes;
`records` what is made of them.
"""

from ledgerline.landing.repository.batches import (
    SavedState,
    batch,
    refusing_values,
    turn,
)
from ledgerline.landing.repository.files import (
    claim,
    find_file,
    finish_file,
    log_duplicate,
    original_bytes,
    record_bytes,
    store_file,
    unfinished_files,
)
from ledgerline.landing.repository.records import (
    LandedMeanwhile,
    analyze,
    clear_staging,
    conflicting_sets,
    copy_rows,
    knows_a_record,
    knows_a_version,
    merge_deletions,
    merge_records,
    note_returns,
    note_seen,
    note_vanished,
    quarantine,
    take_conflicting_versions,
    withdraw,
)

__all__ = [
    "LandedMeanwhile",
    "SavedState",
    "analyze",
    "batch",
    "claim",
    "clear_staging",
    "conflicting_sets",
    "copy_rows",
    "find_file",
    "finish_file",
    "knows_a_record",
    "knows_a_version",
    "log_duplicate",
    "merge_deletions",
    "merge_records",
    "note_returns",
    "note_seen",
    "note_vanished",
    "original_bytes",
    "quarantine",
    "record_bytes",
    "refusing_values",
    "store_file",
    "take_conflicting_versions",
    "turn",
    "unfinished_files",
    "withdraw",
]
