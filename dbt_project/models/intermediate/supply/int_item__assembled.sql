{{ config(indexes=[{'columns': ['item_code']}]) }}

select
    item_key,
    record_id,
    item_id_erp,
    item_code,
    item_name,
    item_category,
    item_unit,
    unit_cost,
    is_stocked,
    is_active
from {{ ref('int_item__dated') }}
where valid_to is null
