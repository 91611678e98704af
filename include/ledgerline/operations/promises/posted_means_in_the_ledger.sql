-- An entry is POSTED exactly when the ledger has its document with its amount
select
    'post.entry ' || coalesce(entry.natural_key, ledger.entry_id::text) as subject,
    'state ' || coalesce(entry.state, 'unknown')
    || ' and the ledger do not say the same' as problem
from post.entry as entry
full join post.ledger as ledger on entry.entry_id = ledger.entry_id
where
    (entry.state = 'POSTED') is distinct from (ledger.entry_id is not null)
    or (
        ledger.entry_id is not null
        and (
            entry.erp_document is distinct from ledger.erp_document
            or entry.total_amount_cents is distinct from ledger.amount_cents
        )
    )
