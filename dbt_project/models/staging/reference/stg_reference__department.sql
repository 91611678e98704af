select
    {{ version_key('department_code', 'valid_from') }} as department_key,
    department_code,
    department_name,
    service_line_code,
    valid_from,
    valid_to
from {{ source('reference', 'department') }}
