{{ config(meta={'asks': 'whole'}) }}

with compared as (
    select
        'journal' as document_name,
        (
            select coalesce(sum(abs(amount)), 0)
            from (
                select sum(amount) as amount
                from {{ ref('out_journal_fact') }}
                group by
                    document_kind,
                    facility_code,
                    posting_date,
                    hold_class,
                    account_code,
                    cost_center_code,
                    service_line_code
            ) as line
        ) as fact_total,
        (
            select coalesce(sum(abs(amount)), 0) from {{ ref('out_journal_line') }}
        ) as line_total
    union all
    select
        'stock' as document_name,
        (
            select coalesce(sum(quantity), 0) from {{ ref('fct_supply_usage') }}
        ) as fact_total,
        (
            select coalesce(sum(quantity), 0) from {{ ref('out_stock_issue_line') }}
        ) as line_total
)

select *
from compared
where fact_total <> line_total
