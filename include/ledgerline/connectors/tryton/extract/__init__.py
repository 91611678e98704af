"""What the warehouse reads from Tryton: changes of its records, and balances whole.

`streams` says which records and what they show; `cursor` reads those that changed,
`id_sets` finds those that are gone or were missed; `balances` asks for what Tryton
computes; `changes` is one extract.
"""

from ledgerline.connectors.tryton.extract.balances import account_balances, on_hand

__all__ = ["account_balances", "on_hand"]
