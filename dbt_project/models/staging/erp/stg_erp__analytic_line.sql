{{ config(indexes=[{'columns': ['move_line_id']}]) }}

with source as (
    {{ latest_record('raw_erp', 'analytic_account.line') }}
)

select
    record_id,
    resource_id as analytic_line_id,
    coalesce(
        {{ erp_field('move_line.id') }}, body ->> 'move_line'
    ) as move_line_id,
    {{ erp_field('account.code') }} as cost_object_code,
    {{ erp_field('account.root.code') }} as axis_code,
    {{ as_amount(erp_field('debit')) }}
    - {{ as_amount(erp_field('credit')) }} as amount
from source
