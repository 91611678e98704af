select
    dated.department_key,
    dated.department_code,
    dated.department_name,
    dated.service_line_code,
    {{ holds_on('dated', 'current_date') | indent(4) }} as is_current,
    dated.valid_from,
    dated.valid_to
from {{ ref('stg_reference__department') }} as dated
union all
select
    {{ unmapped_key() }} as department_key,
    'unmapped' as department_code,
    'Unmapped' as department_name,
    'unmapped' as service_line_code,
    true as is_current,
    {{ since_ever() }} as valid_from,
    null as valid_to
