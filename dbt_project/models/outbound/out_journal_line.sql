{%- set changed = of_touched_days(['out_journal_fact'], 'posting_date') -%}
{{ config(materialized='kept', replaces=changed) }}

select
    concat_ws(
        '|',
        document_kind,
        facility_code,
        posting_date,
        hold_class,
        account_code,
        cost_center_code,
        service_line_code
    ) as journal_line_id,
    document_kind,
    facility_code,
    posting_date,
    hold_class,
    account_code,
    cost_center_code,
    service_line_code,
    sum(amount) as amount
from {{ within(ref('out_journal_fact'), changed) }}
group by
    document_kind,
    facility_code,
    posting_date,
    hold_class,
    account_code,
    cost_center_code,
    service_line_code
-- A line whose facts cancel each other out says nothing to a ledger.
having sum(amount) <> 0
