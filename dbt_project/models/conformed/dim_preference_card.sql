-- A card without a price means what the item cost when the card began.
select
    card.card_code,
    card.procedure_code,
    card.provider_id,
    card.facility_code,
    card.item_code,
    card.replaces_item_code,
    coalesce(card.standard_price, nullif(item.unit_cost, 0))::numeric(18, 4)
        as standard_price,
    card.open_quantity,
    card.hold_quantity,
    card.valid_from,
    card.valid_to
from {{ ref('stg_reference__preference_card') }} as card
left join {{ ref('int_item__dated') }} as item
    on
        card.item_code = item.item_code
        and {{ holds_on('item', 'card.valid_from') | indent(8) }}
