select
    contract_code,
    payer_code,
    facility_code,
    setting,
    basis,
    rate,
    charge_cap_rate,
    valid_from,
    valid_to
from {{ source('reference', 'payer_contract') }}
