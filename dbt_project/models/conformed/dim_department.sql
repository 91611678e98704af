select
    department_code,
    department_name,
    service_line_code
from {{ ref('stg_reference__department') }}
union all
select
    'unmapped' as department_code,
    'Unmapped' as department_name,
    'unmapped' as service_line_code
