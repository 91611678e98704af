select
    {{ version_key('payer_code', 'valid_from') }} as payer_key,
    payer_code,
    payer_name,
    payer_class,
    valid_from,
    valid_to
from {{ source('reference', 'payer') }}
