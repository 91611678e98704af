select
    item_code,
    revenue_code,
    procedure_code,
    valid_from,
    valid_to
from {{ source('reference', 'chargeable_item') }}
