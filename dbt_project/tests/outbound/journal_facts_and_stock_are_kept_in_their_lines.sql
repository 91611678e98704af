{{ config(meta={'asks': 'whole'}) }}
{%- set booked = of_touched_days(['out_journal_fact'], 'posting_date') -%}
{%- set used = of_touched_days(['fct_supply_usage']) -%}
{%- set issued = of_touched_days(['fct_supply_usage'], month_of('posting_date')) %}

-- Lines of other days were compared when they were made.
with compared as (
    select
        'journal' as document_name,
        (
            select coalesce(sum(abs(amount)), 0)
            from (
                select sum(amount) as amount
                from {{ within(ref('out_journal_fact'), booked) }}
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
            select coalesce(sum(abs(amount)), 0)
            from {{ within(ref('out_journal_line'), booked) }}
        ) as line_total
    union all
    select
        'stock' as document_name,
        (
            select coalesce(sum(quantity), 0)
            from {{ within(ref('fct_supply_usage'), used) }}
        ) as fact_total,
        (
            select coalesce(sum(quantity), 0)
            from {{ within(ref('out_stock_issue_line'), issued) }}
        ) as line_total
)

select *
from compared
where fact_total <> line_total
