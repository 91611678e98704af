select
    department_code,
    department_name,
    service_line_code
from {{ source('reference', 'department') }}
