select
    supplier_code,
    supplier_name
from (
    select distinct on (supplier_code)
        supplier_code,
        supplier_name
    from {{ ref('stg_erp__supplier') }}
    order by supplier_code asc, record_id desc
) as supplier
union all
select
    'unmapped' as supplier_code,
    'Unmapped' as supplier_name
