select
    payer_code,
    payer_name,
    payer_class
from {{ source('reference', 'payer') }}
