{{ config(materialized='kept', replaces=of_scope('raw_billing')) }}

with in_facility as (
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
),

located as (
    select
        in_facility.*,
        {{ crosswalked(
            'payer', 'billing', 'in_facility.payer_id_billing',
            'in_facility.payment_date', 'in_facility.facility_code'
        ) }} as payer_code
    from in_facility
)

select
    located.provider_adjustment_id,
    located.remittance_id,
    located.record_id,
    located.facility_code,
    {{ joined_key('payer', 'located') }} as payer_key,
    located.payer_code,
    located.reason_code,
    case located.reason_code
        when 'L6' then 'interest'
        when 'WO' then 'recoupment'
        when '72' then 'recoupment'
        when 'FB' then 'forwarded_balance'
        else 'other'
    end as adjustment_category,
    located.reference_number,
    case when located.facility_code = 'unmapped' then 'unmapped_facility' else '' end
        as hold_reason,
    located.adjustment_amount,
    located.payment_date,
    located.byte_offset,
    located.segment_number
from located
{{ join_version('payer', 'located.payment_date', 'located') }}
