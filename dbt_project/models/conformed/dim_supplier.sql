-- Of two suppliers with one number the later record.
with told as (
    select distinct on (supplier_code, valid_from)
        supplier_code,
        supplier_name,
        valid_from,
        valid_to
    from {{ ref('stg_erp__supplier') }}
    order by supplier_code asc, valid_from asc, record_id desc
),

ended as (
    select
        supplier_code,
        supplier_name,
        valid_from,
        least(
            valid_to,
            lead(valid_from) over (partition by supplier_code order by valid_from)
        ) as valid_to
    from told
)

select
    {{ version_key('supplier_code', 'valid_from') }} as supplier_key,
    supplier_code,
    supplier_name,
    valid_to is null as is_current,
    valid_from,
    valid_to
from ended
union all
select
    {{ unmapped_key() }} as supplier_key,
    'unmapped' as supplier_code,
    'Unmapped' as supplier_name,
    true as is_current,
    {{ since_ever() }} as valid_from,
    null as valid_to
