"""How we reach Tryton 8.2: its REST API, read for landing and posted to by documents.

`client` speaks HTTP and classifies failures; `extract` reads what changed for landing;
`journals` and `stock_issues` make, finish and find documents by our reference, which
the module `ledgerline_reference` makes unique in the ERP.
"""
