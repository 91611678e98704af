{{ config(materialized='kept', replaces=of_scope('raw_billing')) }}

with located as (
    select
        adjustment.provider_adjustment_id,
        adjustment.remittance_id,
        adjustment.record_id,
        {{ crosswalked(
            'facility', 'billing', 'remittance.payee_npi', 'remittance.payment_date'
        ) }} as facility_code,
        remittance.payer_id_billing,
        adjustment.reason_code,
        adjustment.reference_number,
        adjustment.adjustment_amount,
        adjustment.byte_offset,
        adjustment.segment_number,
        remittance.payment_date
    from {{ ref('stg_billing__provider_adjustment') }} as adjustment
    inner join {{ ref('stg_billing__remittance') }} as remittance
        on adjustment.record_id = remittance.record_id
)

select
    provider_adjustment_id,
    remittance_id,
    record_id,
    facility_code,
    {{ crosswalked(
        'payer', 'billing', 'located.payer_id_billing', 'located.payment_date',
        'located.facility_code'
    ) }} as payer_code,
    reason_code,
    case reason_code
        when 'L6' then 'interest'
        when 'WO' then 'recoupment'
        when '72' then 'recoupment'
        when 'FB' then 'forwarded_balance'
        else 'other'
    end as adjustment_category,
    reference_number,
    case when facility_code = 'unmapped' then 'unmapped_facility' else '' end
        as hold_reason,
    adjustment_amount,
    payment_date,
    byte_offset,
    segment_number
from located
