-- What cannot be valued or compared for want of a price, a unit or a card, with the
-- dollars that it touches.
with found as (
    select
        'usage_without_price' as exception_kind,
        supply_usage_id as subject_id,
        facility_code,
        item_code,
        quantity,
        supply_cost as touched_amount,
        usage_date as exception_date
    from {{ ref('fct_supply_usage') }}
    where item_code <> 'unmapped' and unit_cost = 0
    union all
    select
        'usage_of_unmapped_item' as exception_kind,
        supply_usage_id as subject_id,
        facility_code,
        item_code,
        quantity,
        supply_cost as touched_amount,
        usage_date as exception_date
    from {{ ref('fct_supply_usage') }}
    where item_code = 'unmapped'
    union all
    select
        'negative_usage' as exception_kind,
        supply_usage_id as subject_id,
        facility_code,
        item_code,
        quantity,
        supply_cost as touched_amount,
        usage_date as exception_date
    from {{ ref('fct_supply_usage') }}
    where quantity < 0
    union all
    select
        'unused_exceeds_opened' as exception_kind,
        supply_usage_id as subject_id,
        facility_code,
        item_code,
        unused_quantity as quantity,
        round((unused_quantity - quantity) * unit_cost, 2) as touched_amount,
        usage_date as exception_date
    from {{ ref('fct_supply_usage') }}
    where
        quantity >= 0
        and (unused_quantity > quantity or returned_quantity > unused_quantity)
    union all
    select
        'negative_stock' as exception_kind,
        inventory_balance_id as subject_id,
        facility_code,
        item_code,
        on_hand_quantity as quantity,
        inventory_amount as touched_amount,
        (balance_at at time zone 'UTC')::date as exception_date
    from {{ ref('fct_inventory_balance') }}
    where on_hand_quantity < 0
    union all
    select
        'order_' || price_issue as exception_kind,
        purchase_order_line_id as subject_id,
        facility_code,
        item_code,
        ordered_quantity as quantity,
        ordered_amount as touched_amount,
        order_date as exception_date
    from {{ ref('contract_price_compliance') }}
    where price_issue <> ''
    union all
    select
        'case_' || variance_issue as exception_kind,
        surgical_case_id || '|' || item_code as subject_id,
        facility_code,
        item_code,
        used_quantity as quantity,
        unmeasured_amount as touched_amount,
        case_date as exception_date
    from {{ ref('preference_card_variance') }}
    where variance_issue <> ''
    union all
    select
        'level_' || level_issue as exception_kind,
        facility_code || '|' || stock_location_code || '|' || item_code as subject_id,
        facility_code,
        item_code,
        on_hand_quantity as quantity,
        on_hand_amount as touched_amount,
        null as exception_date
    from {{ ref('reorder_level') }}
    where level_issue <> ''
)

select
    exception_kind,
    subject_id,
    facility_code,
    item_code,
    quantity::numeric(18, 4) as quantity,
    touched_amount::numeric(18, 2) as touched_amount,
    exception_date
from found
