-- An appointment that FHIR tells of is told once, whatever HL7 v2 messages say of it.
with provider as (
    {{ providers_by_code() | indent }}
),

told as (
    select
        'fhir|' || booking.appointment_id as scheduled_case_id,
        booking.record_id,
        organization.facility_code_ehr,
        organization.department_code_ehr,
        location.room_code,
        booking.appointment_numbers,
        booking.procedure_code,
        booking.provider_id_ehr,
        booking.appointment_status,
        booking.start_at,
        booking.known_from,
        booking.told_date,
        booking.known_to
    from {{ ref('stg_ehr__appointment_version') }} as booking
    left join {{ ref('stg_ehr__location') }} as location
        on booking.location_id_ehr = location.location_id_ehr
    left join {{ ref('int_organization__rooted') }} as organization
        on location.organization_id_ehr = organization.organization_id_ehr
    union all
    select
        appointment_id as scheduled_case_id,
        record_id,
        facility_code_ehr,
        department_code_ehr,
        room_code,
        appointment_numbers,
        procedure_code,
        provider_id_ehr,
        appointment_status,
        start_at,
        known_from,
        known_from as told_date,
        known_to
    from {{ ref('stg_ehr__appointment_booking') }}
),

in_facility as (
    select
        told.*,
        {{ crosswalked(
            'facility', 'ehr', 'told.facility_code_ehr', 'told.known_from'
        ) | indent(8) }} as facility_code
    from told
),

dated as (
    select
        in_facility.*,
        {{ facility_day('in_facility.start_at') }} as case_date
    from in_facility
    left join {{ ref('stg_reference__facility') }} as facility
        on in_facility.facility_code = facility.facility_code
),

in_department as (
    select
        dated.*,
        {{ crosswalked(
            'department', 'ehr', 'dated.department_code_ehr',
            'dated.case_date', 'dated.facility_code'
        ) | indent(8) }} as department_code
    from dated
    where
        dated.scheduled_case_id like 'fhir|%'
        or not exists (
            select from dated as other
            where
                other.scheduled_case_id like 'fhir|%'
                and other.facility_code = dated.facility_code
                and string_to_array(other.appointment_numbers, '|')
                && string_to_array(dated.appointment_numbers, '|')
        )
)

select
    in_department.scheduled_case_id,
    in_department.record_id,
    in_department.facility_code,
    in_department.department_code,
    in_department.room_code as operating_room_code,
    coalesce(center.stock_location_code, 'unmapped') as stock_location_code,
    coalesce(in_department.procedure_code, 'unmapped') as procedure_code,
    provider.provider_id,
    case
        when in_department.appointment_status in ('booked', 'arrived', 'checked-in')
            then 'booked'
        when in_department.appointment_status = 'fulfilled' then 'fulfilled'
        when in_department.appointment_status in ('noshow', 'no_show') then 'no_show'
        when
            in_department.appointment_status
            in ('cancelled', 'discontinued', 'deleted', 'entered-in-error')
            then 'cancelled'
        else 'provisional'
    end as case_status,
    in_department.case_date,
    in_department.known_from,
    in_department.told_date,
    in_department.known_to
from in_department
left join provider on in_department.provider_id_ehr = provider.code
left join {{ ref('stg_reference__department_cost_center') }} as department_center
    on
        in_department.facility_code = department_center.facility_code
        and in_department.department_code = department_center.department_code
left join {{ ref('stg_reference__cost_center') }} as center
    on
        department_center.cost_center_code = center.cost_center_code
        and {{ holds_on('center', 'in_department.case_date') | indent(8) }}
