-- What cannot be valued or compared for want of a price, a unit or a card, with the
-- dollars that it touches.
with found as (
    select
        fault.exception_kind,
        usage.supply_usage_id as subject_id,
        usage.facility_code,
        usage.item_code,
        fault.quantity,
        fault.touched_amount,
        case
            when fault.exception_kind = 'usage_of_unmapped_item' then 'unknown'
            else ''
        end as valuation_method,
        usage.usage_date as exception_date
    from {{ ref('fct_supply_usage') }} as usage
    cross join
        lateral (
            values
            (
                'usage_of_unmapped_item',
                usage.item_code = 'unmapped',
                usage.quantity,
                null
            ),
            (
                'usage_without_unit_conversion',
                usage.quantity_issue = 'no_unit_conversion',
                usage.quantity,
                usage.supply_cost
            ),
            ('negative_usage', usage.quantity < 0, usage.quantity, usage.supply_cost),
            (
                'unused_exceeds_opened',
                usage.quantity >= 0
                and (
                    usage.unused_quantity > usage.quantity
                    or usage.returned_quantity > usage.unused_quantity
                ),
                usage.unused_quantity,
                round((usage.unused_quantity - usage.quantity) * usage.unit_cost, 2)
            )
        ) as fault (exception_kind, is_found, quantity, touched_amount)
    where fault.is_found
    union all
    select
        'usage_without_price' as exception_kind,
        supply_usage_id as subject_id,
        facility_code,
        item_code,
        quantity,
        estimated_cost as touched_amount,
        valuation_method,
        usage_date as exception_date
    from {{ ref('fct_unpriced_usage') }}
    union all
    select
        'negative_stock' as exception_kind,
        inventory_balance_id as subject_id,
        facility_code,
        item_code,
        on_hand_quantity as quantity,
        inventory_amount as touched_amount,
        '' as valuation_method,
        balance_date as exception_date
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
        '' as valuation_method,
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
        '' as valuation_method,
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
        '' as valuation_method,
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
    valuation_method,
    exception_date
from found
