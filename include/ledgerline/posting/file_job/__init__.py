"""An ERP that takes import jobs: batch files out, acknowledgement files back.

`FileErp` is the port. `drop` owns our side of the folder, `acknowledgement` reads what
the ERP says about a batch, `codes` what it has.
"""

from ledgerline.posting.file_job.adapter import FileErp

__all__ = ["FileErp"]
