with delivery as (
    select
        usage.*,
        organization.facility_code_ehr,
        organization.department_code_ehr
    from {{ ref('stg_ehr__supply_delivery') }} as usage
    left join {{ ref('stg_ehr__location') }} as location
        on usage.location_id_ehr = location.location_id_ehr
    left join {{ ref('int_organization__rooted') }} as organization
        on location.organization_id_ehr = organization.organization_id_ehr
    where usage.delivery_status = 'completed'
),

in_facility as (
    select
        delivery.*,
        encounter.encounter_id,
        encounter.is_inpatient,
        encounter.department_code as encounter_department_code,
        coalesce(delivery.department_code_ehr, named.department_code_ehr)
            as named_department_code,
        encounter.service_line_code,
        encounter.payer_key,
        encounter.payer_code,
        encounter.payer_class,
        case
            when delivery.facility_code_ehr is null
                then coalesce(encounter.facility_code, 'unmapped')
            else
                {{ crosswalked(
                    'facility', 'ehr', 'delivery.facility_code_ehr',
                    facility_day('delivery.occurred_at', 'delivery.told_usage_date'),
                    by_clocks=true
                ) | indent(16) }}
        end as facility_code
    from delivery
    left join {{ ref('int_encounter__classified') }} as encounter
        on delivery.encounter_id_ehr = encounter.encounter_id
    left join {{ ref('int_encounter__named') }} as named
        on encounter.encounter_id = named.encounter_id
),

dated as (
    select
        in_facility.*,
        {{ facility_moment(
            'in_facility.occurred_at', 'in_facility.told_usage_date'
        ) | indent(8) }} as used_at,
        {{ facility_day(
            'in_facility.occurred_at', 'in_facility.told_usage_date'
        ) | indent(8) }} as usage_date
    from in_facility
    left join {{ ref('stg_reference__facility') }} as facility
        on in_facility.facility_code = facility.facility_code
),

in_department as (
    select
        dated.*,
        case
            when dated.department_code_ehr is null
                then coalesce(dated.encounter_department_code, 'unmapped')
            else
                {{ crosswalked(
                    'department', 'ehr', 'dated.department_code_ehr',
                    'dated.usage_date', 'dated.facility_code'
                ) | indent(16) }}
        end as department_code,
        {{ crosswalked(
            'item', 'ehr', 'dated.item_code_ehr', 'dated.usage_date',
            'dated.facility_code'
        ) | indent(8) }} as crosswalked_item_code
    from dated
)

select
    in_department.record_id,
    in_department.supply_usage_id,
    in_department.encounter_id,
    in_department.location_id_ehr,
    in_department.supply_request_id,
    in_department.facility_code,
    in_department.department_code,
    in_department.named_department_code is not null as has_department_name,
    coalesce(in_department.is_inpatient, false) as is_inpatient,
    coalesce(
        in_department.service_line_code, department.service_line_code, 'unmapped'
    ) as service_line_code,
    coalesce(in_department.payer_key, {{ unmapped_key() }}) as payer_key,
    coalesce(in_department.payer_code, 'unmapped') as payer_code,
    coalesce(in_department.payer_class, 'unmapped') as payer_class,
    -- An item that the EHR names by the ERP's own code needs no mapping.
    case
        when in_department.crosswalked_item_code <> 'unmapped'
            then in_department.crosswalked_item_code
        else in_department.item_code_ehr
    end as item_code,
    coalesce(in_department.lot_number, '') as lot_number,
    in_department.quantity,
    in_department.quantity_unit,
    in_department.unused_quantity,
    in_department.returned_quantity,
    in_department.used_at as occurred_at,
    in_department.usage_date
from in_department
left join {{ ref('stg_reference__department') }} as department
    on
        in_department.department_code = department.department_code
        and {{ holds_on('department', 'in_department.usage_date') | indent(8) }}
