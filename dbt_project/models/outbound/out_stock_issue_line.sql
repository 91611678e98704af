{{ config(
    materialized='kept',
    replaces=of_touched_days(['fct_supply_usage'], month_of('posting_date')),
) }}

with issue as (
    select
        facility_code,
        {{ month_end('usage_date') }} as posting_date,
        hold_reason as hold_class,
        stock_location_code as location_code,
        item_code,
        lot_number,
        sum(quantity) as quantity,
        max(quantity_unit) as quantity_unit,
        sum(supply_cost) as amount
    from {{ within(
        ref('fct_supply_usage'), of_touched_days(['fct_supply_usage'])
    ) }}
    group by
        facility_code,
        {{ month_end('usage_date') }},
        hold_reason,
        stock_location_code,
        item_code,
        lot_number
)

select
    concat_ws(
        '|',
        'stock_issue',
        facility_code,
        posting_date,
        hold_class,
        location_code,
        item_code,
        lot_number
    ) as stock_issue_line_id,
    'stock_issue' as document_kind,
    facility_code,
    posting_date,
    hold_class,
    location_code,
    item_code,
    lot_number,
    quantity,
    quantity_unit as unit,
    amount
from issue
where quantity <> 0
