select
    card_code,
    procedure_code,
    provider_id,
    facility_code,
    item_code,
    replaces_item_code,
    open_quantity,
    hold_quantity,
    standard_price,
    valid_from,
    valid_to
from {{ source('reference', 'preference_card') }}
