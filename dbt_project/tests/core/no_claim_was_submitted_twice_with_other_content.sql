{{ config(severity='warn') }}

-- The newest submission counts and the older one is set aside: no money twice.
select
    record_id,
    submitted_charge_amount
from {{ ref('stg_billing__claim') }}
where not is_current
