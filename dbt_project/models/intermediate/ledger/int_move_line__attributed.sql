{{ config(indexes=[{'columns': ['move_line_id'], 'unique': true}]) }}

-- A document of ours names its facility and the day that it is about, which is of
-- another month than its posting where the ERP had closed that one.
with facility as (
    select distinct facility_code
    from {{ ref('stg_reference__facility') }}
)

select
    move_line.record_id,
    move_line.move_line_id,
    move_line.move_number,
    move_line.period_name,
    move_line.external_reference,
    move_line.account_code,
    move_line.posting_date,
    move_line.amount,
    facility.facility_code as document_facility_code,
    coalesce(
        to_date(substring(
            move_line.external_reference
            from '^LL[|][^|]*[|][^|]*[|](\d{4}-(?:0[1-9]|1[0-2]))-\d\d[|]'
        ), 'YYYY-MM'),
        {{ month_of('move_line.posting_date') }}
    ) as origin_month
from {{ ref('stg_erp__move_line') }} as move_line
left join facility
    on
        starts_with(move_line.external_reference, 'LL|')
        and split_part(move_line.external_reference, '|', 3) = facility.facility_code
where move_line.move_state = 'posted'
