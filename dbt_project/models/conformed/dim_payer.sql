select
    dated.payer_key,
    dated.payer_code,
    dated.payer_name,
    dated.payer_class,
    {{ holds_on('dated', 'current_date') | indent(4) }} as is_current,
    dated.valid_from,
    dated.valid_to
from {{ ref('stg_reference__payer') }} as dated
union all
select
    {{ unmapped_key() }} as payer_key,
    'unmapped' as payer_code,
    'Unmapped' as payer_name,
    'unmapped' as payer_class,
    true as is_current,
    {{ since_ever() }} as valid_from,
    null as valid_to
