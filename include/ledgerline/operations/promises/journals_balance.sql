-- Every journal entry balances
select
    'post.entry ' || entry.natural_key as subject,
    'debit and credit differ by '
    || (sum(line.amount_cents) / 100.0)::numeric(18, 2) as problem
from post.entry as entry
inner join post.entry_line as line on entry.entry_id = line.entry_id
group by entry.natural_key
having sum(line.amount_cents) <> 0
