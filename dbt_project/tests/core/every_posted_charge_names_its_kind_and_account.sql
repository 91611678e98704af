{{ config(severity='warn') }}

-- A charge counts on an account, as a charge or a credit: one that names neither
-- account nor visit, or does not say which it is (FT1-6), cannot.
select
    record_id,
    transaction_position
from {{ ref('stg_ehr__charge_transaction') }}
where
    transaction_type = 'unknown'
    or (
        transaction_type in ('CG', 'CD')
        and account_number is null
        and visit_number is null
    )
