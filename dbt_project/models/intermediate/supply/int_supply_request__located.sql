with asked as (
    select
        request.*,
        organization.facility_code_ehr,
        organization.department_code_ehr
    from {{ ref('stg_ehr__supply_request') }} as request
    left join {{ ref('stg_ehr__location') }} as location
        on request.location_id_ehr = location.location_id_ehr
    left join {{ ref('int_organization__rooted') }} as organization
        on location.organization_id_ehr = organization.organization_id_ehr
    where request.request_status not in ('draft', 'cancelled', 'entered-in-error')
),

in_facility as (
    select
        asked.*,
        {{ crosswalked(
            'facility', 'ehr', 'asked.facility_code_ehr',
            facility_day('asked.requested_at', 'asked.told_request_date'),
            by_clocks=true
        ) | indent(8) }} as facility_code
    from asked
),

dated as (
    select
        in_facility.*,
        {{ facility_day(
            'in_facility.requested_at', 'in_facility.told_request_date'
        ) | indent(8) }} as request_date
    from in_facility
    left join {{ ref('stg_reference__facility') }} as facility
        on in_facility.facility_code = facility.facility_code
),

in_department as (
    select
        dated.*,
        {{ crosswalked(
            'department', 'ehr', 'dated.department_code_ehr',
            'dated.request_date', 'dated.facility_code'
        ) | indent(8) }} as department_code,
        {{ crosswalked(
            'item', 'ehr', 'dated.item_code_ehr', 'dated.request_date',
            'dated.facility_code'
        ) | indent(8) }} as crosswalked_item_code
    from dated
)

select
    in_department.supply_request_id,
    in_department.record_id,
    in_department.facility_code,
    in_department.department_code,
    coalesce(center.stock_location_code, 'unmapped') as stock_location_code,
    coalesce(item.item_code, 'unmapped') as item_code,
    in_department.requested_quantity,
    in_department.request_date
from in_department
left join {{ ref('int_item__assembled') }} as item
    on
        item.item_code = coalesce(
            nullif(in_department.crosswalked_item_code, 'unmapped'),
            in_department.item_code_ehr
        )
left join {{ ref('stg_reference__department_cost_center') }} as department_center
    on
        in_department.facility_code = department_center.facility_code
        and in_department.department_code = department_center.department_code
left join {{ ref('stg_reference__cost_center') }} as center
    on
        department_center.cost_center_code = center.cost_center_code
        and {{ holds_on('center', 'in_department.request_date') | indent(8) }}
