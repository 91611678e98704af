-- Where an appointment was booked, with every state of it: a case is moved to another
-- room. Of what was folded before, only where it stands now is known.
update raw_ehr.folded_appointment as folded
set
    bookings = (
        select
            coalesce(
                jsonb_agg(
                    step.value || jsonb_build_object(
                        'unit', coalesce(place.unit, ''),
                        'room', case when place.is_theatre then place.unit else '' end
                    )
                    order by step.ordinality
                ),
                '[]'
            )
        from
            jsonb_array_elements(folded.bookings)
            with ordinality as step (value, ordinality)
        left join lateral (
            select
                part.value ->> 'id' as unit,
                upper(coalesce(part.value ->> 'type', '')) = 'OR'
                and part.value ->> 'id' is not null as is_theatre
            from
                jsonb_array_elements(folded.resources)
                with ordinality as part (value, ordinality)
            where part.value ->> 'kind' = 'location'
            order by is_theatre desc, part.ordinality asc
            limit 1
        ) as place on true
    );
comment on column raw_ehr.folded_appointment.bookings is
'What the appointment said, in order: at, status, starts_at, unit and room';
