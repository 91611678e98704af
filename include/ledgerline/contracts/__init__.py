"""What each landed entity must look like: one ODCS document an entity, and its check.

`<zone>/<entity>.odcs.yaml` says which properties a record carries, which of them it
cannot be used without, and of what type each is. `find` returns an entity's contract.
"""

from ledgerline.contracts.contract import Contract, Property
from ledgerline.contracts.folder import contract_files, find

__all__ = ["Contract", "Property", "contract_files", "find"]
