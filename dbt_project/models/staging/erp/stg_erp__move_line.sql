{{ config(indexes=[{'columns': ['move_line_id'], 'unique': true}]) }}

with source as (
    {{ latest_record('raw_erp', 'account.move.line') }}
)

select
    record_id,
    resource_id as move_line_id,
    {{ erp_field('move.number') }} as move_number,
    coalesce({{ erp_field('move.state') }}, 'posted') as move_state,
    {{ erp_field('move.period.name') }} as period_name,
    {{ erp_field('move.external_reference') }} as external_reference,
    coalesce({{ erp_field('account.code') }}, 'unmapped') as account_code,
    coalesce(
        {{ as_date(erp_field('move.date')) }},
        {{ system_day('received_at') }}
    ) as posting_date,
    {{ as_amount(erp_field('debit')) }}
    - {{ as_amount(erp_field('credit')) }} as amount
from source
