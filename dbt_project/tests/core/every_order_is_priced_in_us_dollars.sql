{{ config(severity='warn') }}

-- Else its lines are valued at what their items cost.
select
    record_id,
    currency_code
from {{ ref('stg_erp__purchase_order') }}
where currency_code <> 'USD'
