{{ config(severity='warn') }}

-- Labor and other direct cost without a cost center cannot reach a service line.
select
    gl_entry_id,
    gl_amount
from {{ ref('fct_gl_entry') }}
where
    account_class in ('labor', 'other_direct')
    and cost_center_code is null
