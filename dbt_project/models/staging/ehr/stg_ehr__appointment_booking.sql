-- Of a day what was told last. What an appointment is for, and by whom, is told as it
-- is now.
with told as (
    select
        appointment.*,
        step.value as said,
        step.ordinality as said_number,
        {{ system_day(as_timestamp("(step.value ->> 'at')")) | indent(8) }}
            as known_from
    from {{ source('raw_ehr', 'folded_appointment') }} as appointment
    cross join lateral {{ numbered_elements('appointment.bookings') }} as step
),

booking as (
    select distinct on (told.sending_facility, told.appointment_id, told.known_from)
        told.last_record_id,
        told.sending_facility,
        told.appointment_id,
        told.placer_id,
        told.filler_id,
        told.resources,
        told.said,
        told.known_from
    from told
    order by
        told.sending_facility asc,
        told.appointment_id asc,
        told.known_from asc,
        told.said_number desc
)

select
    booking.last_record_id as record_id,
    'hl7v2|' || booking.sending_facility || '|' || booking.appointment_id
        as appointment_id,
    booking.sending_facility as facility_code_ehr,
    concat_ws(
        '|', nullif(booking.placer_id, ''), nullif(booking.filler_id, '')
    ) as appointment_numbers,
    nullif(booking.said ->> 'unit', '') as department_code_ehr,
    nullif(booking.said ->> 'room', '') as room_code,
    booked.provider_id_ehr,
    booked.procedure_code,
    booking.said ->> 'status' as appointment_status,
    {{ as_timestamp("(booking.said ->> 'starts_at')") }} as start_at,
    booking.known_from,
    lead(booking.known_from) over (
        partition by booking.sending_facility, booking.appointment_id
        order by booking.known_from
    ) as known_to
from booking
cross join
    lateral (
        select
            min(part.value ->> 'id') filter (where part.value ->> 'kind' = 'person')
                as provider_id_ehr,
            min(part.value ->> 'id') filter (where part.value ->> 'kind' = 'service')
                as procedure_code
        from {{ elements('booking.resources') }} as part
    ) as booked
