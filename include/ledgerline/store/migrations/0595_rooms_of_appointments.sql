-- Where an appointment was booked, with every state of it: a case is moved to another
-- room. Of what was folded before, only where it stands now is known.
with place as (
    select distinct on (folded.sending_facility, folded.appointment_id)
        folded.sending_facility,
        folded.appointment_id,
        part.value ->> 'id' as unit,
        upper(coalesce(part.value ->> 'type', '')) = 'OR' as is_theatre
    from raw_ehr.folded_appointment as folded
    cross join
        jsonb_array_elements(folded.resources)
        with ordinality as part (value, ordinality)
    where part.value ->> 'kind' = 'location' and part.value ->> 'id' is not null
    order by
        folded.sending_facility asc,
        folded.appointment_id asc,
        is_theatre desc,
        part.ordinality asc
),

placed as (
    select
        folded.sending_facility,
        folded.appointment_id,
        jsonb_agg(
            step.value || jsonb_build_object(
                'unit', coalesce(place.unit, ''),
                'room', case when place.is_theatre then place.unit else '' end
            )
            order by step.ordinality
        ) as bookings
    from raw_ehr.folded_appointment as folded
    cross join
        jsonb_array_elements(folded.bookings)
        with ordinality as step (value, ordinality)
    left join place
        on
            folded.sending_facility = place.sending_facility
            and folded.appointment_id = place.appointment_id
    group by folded.sending_facility, folded.appointment_id
)

update raw_ehr.folded_appointment as folded
set bookings = placed.bookings
from placed
where
    folded.sending_facility = placed.sending_facility
    and folded.appointment_id = placed.appointment_id;
comment on column raw_ehr.folded_appointment.bookings is
'What the appointment said, in order: at, status, starts_at, unit and room';
