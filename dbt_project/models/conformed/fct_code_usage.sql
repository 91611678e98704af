-- An item without a name is called as the item of its lot in the ERP, where that is
-- only one.
with lot as (
    select
        item.lot_number,
        max(assembled.item_name) as item_name
    from (
        select
            lot_number,
            item_code
        from {{ ref('stg_erp__lot') }}
        union all
        select
            lot_number,
            item_code
        from {{ ref('stg_erp__stock_balance') }}
        where lot_number <> ''
    ) as item
    inner join {{ ref('int_item__assembled') }} as assembled
        on item.item_code = assembled.item_code
    group by item.lot_number
    having count(distinct item.item_code) = 1
),

named as (
    select
        code_set,
        source_system,
        facility_code,
        native_code,
        canonical_code,
        record_kind,
        native_name,
        record_count,
        usage_amount,
        usage_date
    from {{ ref('int_code_usage__booked') }}
    union all
    select
        kept.code_set,
        kept.source_system,
        kept.facility_code,
        kept.native_code,
        kept.canonical_code,
        kept.record_kind,
        coalesce(
            kept.native_name, case kept.code_set when 'item' then lot.item_name end
        ) as native_name,
        kept.record_count,
        kept.usage_amount,
        kept.usage_date
    from {{ ref('int_code_usage__named') }} as kept
    left join lot on kept.lot_number = lot.lot_number
)

select
    code_set,
    source_system,
    facility_code,
    native_code,
    canonical_code,
    record_kind,
    max(native_name) as native_name,
    sum(record_count)::bigint as record_count,
    sum(usage_amount)::numeric(18, 2) as usage_amount,
    usage_date
from named
group by
    code_set, source_system, facility_code, native_code, canonical_code, record_kind,
    usage_date
