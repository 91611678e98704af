{%- set changed -%}
(
    source_system = 'erp'
    or (
        source_system = 'ehr'
        and code_set = 'item'
        and {{ any_touched(
            ['stg_erp__lot', 'stg_erp__stock_balance', 'int_item__assembled']
        ) }}
    )
    or {{ of_touched_days(['int_code_usage__named'], 'usage_date') }}
)
{%- endset -%}
{{ config(materialized='kept', replaces=changed) }}

-- An item without a name is called as the item of its lot in the ERP, where that is
-- only one: what the ERP says may change the name of any.
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
        used.code_set,
        used.source_system,
        used.facility_code,
        used.native_code,
        used.canonical_code,
        used.record_kind,
        coalesce(
            used.native_name, case used.code_set when 'item' then lot.item_name end
        ) as native_name,
        used.record_count,
        used.usage_amount,
        used.usage_date
    from {{ within(ref('int_code_usage__named'), changed, 'used') }}
    left join lot on used.lot_number = lot.lot_number
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
