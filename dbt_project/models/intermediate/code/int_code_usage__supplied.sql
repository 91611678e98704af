-- The codes by which supply usage names item, department and facility.
with usage as (
    select
        costed.*,
        delivery.item_code_ehr,
        delivery.item_name_ehr,
        organization.facility_code_ehr,
        organization.department_code_ehr,
        unit.organization_name
    from {{ ref('int_supply_usage__costed') }} as costed
    inner join {{ ref('stg_ehr__supply_delivery') }} as delivery
        on costed.supply_usage_id = delivery.supply_usage_id
    left join {{ ref('stg_ehr__location') }} as location
        on delivery.location_id_ehr = location.location_id_ehr
    left join {{ ref('int_organization__rooted') }} as organization
        on location.organization_id_ehr = organization.organization_id_ehr
    left join {{ ref('stg_ehr__organization') }} as unit
        on location.organization_id_ehr = unit.organization_id_ehr
),

named as (
    select
        record_id,
        'item' as code_set,
        facility_code,
        item_code_ehr as native_code,
        item_name_ehr as native_name,
        item_code as canonical_code,
        usage_date,
        supply_cost
    from usage
    union all
    select
        record_id,
        'department' as code_set,
        facility_code,
        department_code_ehr as native_code,
        organization_name as native_name,
        department_code as canonical_code,
        usage_date,
        supply_cost
    from usage
    union all
    select
        record_id,
        'facility' as code_set,
        '*' as facility_code,
        facility_code_ehr as native_code,
        null as native_name,
        facility_code as canonical_code,
        usage_date,
        supply_cost
    from usage
),

supplied as (
    select
        named.*,
        'ehr' as source_system,
        'supply_usage' as record_kind,
        named.supply_cost as usage_amount
    from named
)

{{ code_usage('supplied') }}
