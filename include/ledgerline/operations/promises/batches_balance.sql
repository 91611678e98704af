-- Every batch: received = landed + quarantined + duplicate
select
    'ops.landing_batch ' || balance.batch_id as subject,
    balance.difference_count || ' records of ' || balance.source
    || ' are unaccounted for' as problem
from ops.landing_balance as balance
where balance.difference_count <> 0
