-- The card of a case is the surgeon's own, else everybody's; a facility's goes before
-- that of all. What may replace an item of the card is expected at that item's price.
with card as (
    select
        surgery.surgical_case_id,
        surgery.facility_code as case_facility_code,
        listed.*,
        rank() over (
            partition by surgery.surgical_case_id
            order by listed.provider_id = '*' asc, listed.facility_code = '*' asc
        ) as precedence
    from {{ ref('fct_surgical_case') }} as surgery
    inner join {{ ref('dim_preference_card') }} as listed
        on
            surgery.procedure_code = listed.procedure_code
            and listed.provider_id in ('*', surgery.provider_id)
            and listed.facility_code in ('*', surgery.facility_code)
            and {{ holds_on('listed', 'surgery.case_date') | indent(12) }}
)

select
    card.surgical_case_id,
    card.item_code,
    card.case_facility_code as facility_code,
    card.card_code,
    coalesce(card.replaces_item_code, card.item_code) as card_item_code,
    case
        when card.replaces_item_code is not null then 'substitute'
        when card.open_quantity > 0 then 'standard'
        else 'as_needed'
    end as line_kind,
    case
        when card.replaces_item_code is null then card.standard_price
        else replaced.standard_price
    end as standard_price,
    case
        when card.replaces_item_code is null then card.open_quantity
        else 0
    end::numeric(18, 4) as standard_quantity
from card
left join card as replaced
    on
        card.surgical_case_id = replaced.surgical_case_id
        and card.replaces_item_code = replaced.item_code
        and replaced.precedence = 1
where card.precedence = 1
