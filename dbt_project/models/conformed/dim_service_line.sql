select
    service_line_code,
    service_line_name
from {{ ref('service_line') }}
