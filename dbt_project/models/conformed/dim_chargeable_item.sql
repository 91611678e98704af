select
    item_code,
    revenue_code,
    procedure_code,
    valid_from,
    valid_to
from {{ ref('stg_reference__chargeable_item') }}
