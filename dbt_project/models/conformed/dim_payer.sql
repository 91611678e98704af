select
    payer_code,
    payer_name,
    payer_class
from {{ ref('stg_reference__payer') }}
union all
select
    'unmapped' as payer_code,
    'Unmapped' as payer_name,
    'unmapped' as payer_class
