select
    facility_code,
    cost_center_code,
    procedure_code,
    relative_value,
    valid_from,
    valid_to
from {{ source('reference', 'relative_value') }}
