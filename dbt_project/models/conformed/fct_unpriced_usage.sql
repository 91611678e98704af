-- The ledger has no cost of what the ERP has no price for, so no cost is claimed: this
-- is what it would be by the best evidence, to be told and never to be posted. What is
-- ordered only after its use, as bill-only implants are, is evidence too.
with unpriced as (
    select *
    from {{ ref('fct_supply_usage') }}
    where unit_cost = 0 and item_code <> 'unmapped'
),

evidence as (
    select
        unpriced.supply_usage_id,
        price.item_price_id,
        price.unit_price,
        case
            when price.price_source <> 'purchase_price' then price.price_source
            when price.valid_from > unpriced.usage_date then 'later_purchase'
            when price.facility_code = unpriced.facility_code then 'last_purchase'
            else 'purchase_elsewhere'
        end as valuation_method,
        price.facility_code = '*' as is_of_all,
        -- Days from the usage to the nearest one on which the price held.
        case
            when price.price_source = 'purchase_price'
                then abs(price.valid_from - unpriced.usage_date)
            else
                greatest(
                    price.valid_from - unpriced.usage_date,
                    unpriced.usage_date - price.valid_to + 1,
                    0
                )
        end as days_away_count
    from unpriced
    inner join {{ ref('fct_item_price') }} as price
        on
            unpriced.item_code = price.item_code
            and case price.price_source
                when 'lot_price' then unpriced.lot_number = price.lot_number
                when 'contract_price'
                    then
                        price.facility_code in ('*', unpriced.facility_code)
                        and
                        {{ holds_on('price', 'unpriced.usage_date') | indent(24) }}
                else true
            end
),

-- Of equals the least: nothing is made dearer than it was.
best as (
    select distinct on (supply_usage_id) *
    from evidence
    order by
        supply_usage_id asc,
        array_position(
            array[
                'lot_price', 'contract_price', 'last_purchase', 'purchase_elsewhere',
                'later_purchase', 'cost_price'
            ],
            valuation_method
        ) asc,
        case when valuation_method = 'contract_price' then is_of_all end asc,
        days_away_count asc,
        unit_price asc,
        item_price_id asc
)

select
    unpriced.supply_usage_id,
    unpriced.facility_code,
    unpriced.item_code,
    best.item_price_id,
    coalesce(best.valuation_method, 'unknown') as valuation_method,
    unpriced.quantity,
    unpriced.quantity_unit,
    best.unit_price as estimated_unit_cost,
    round(unpriced.quantity * best.unit_price, 2) as estimated_cost,
    unpriced.usage_date
from unpriced
left join best on unpriced.supply_usage_id = best.supply_usage_id
