select
    contract_code,
    supplier_code,
    item_code,
    facility_code,
    price_unit,
    unit_price,
    valid_from,
    valid_to
from {{ source('reference', 'supply_contract') }}
