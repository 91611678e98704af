select
    last_record_id as record_id,
    'hl7v2|' || sending_facility || '|' || appointment_id as appointment_id,
    sending_facility as facility_code_ehr,
    nullif(placer_id, '') as appointment_id_placer,
    nullif(filler_id, '') as appointment_id_filler,
    nullif(visit_number, '') as visit_number,
    nullif(account_number, '') as account_number,
    replace(status, '_', '-') as appointment_status,
    nullif(reason_code, '') as reason_code,
    duration_minutes::numeric(9, 2) as duration_minutes,
    starts_at as start_at,
    ends_at as end_at
from {{ source('raw_ehr', 'folded_appointment') }}
