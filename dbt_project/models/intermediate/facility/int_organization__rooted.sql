with recursive ancestry as (
    select
        organization_id_ehr,
        organization_id_ehr as ancestor_id_ehr,
        parent_organization_id_ehr,
        npi_code,
        department_code_ehr,
        0 as distance
    from {{ ref('stg_ehr__organization') }}
    union all
    select
        ancestry.organization_id_ehr,
        parent.organization_id_ehr as ancestor_id_ehr,
        parent.parent_organization_id_ehr,
        parent.npi_code,
        parent.department_code_ehr,
        ancestry.distance + 1 as distance
    from ancestry
    inner join {{ ref('stg_ehr__organization') }} as parent
        on ancestry.parent_organization_id_ehr = parent.organization_id_ehr
    -- A hospital is a few levels deep; the bound also ends a circle of parents.
    where ancestry.distance < 8
)

select
    organization_id_ehr,
    coalesce(
        (
            array_agg(npi_code order by distance desc)
            filter (where npi_code is not null)
        )[1],
        (array_agg(ancestor_id_ehr order by distance desc))[1]
    ) as facility_code_ehr,
    (
        array_agg(department_code_ehr order by distance)
        filter (where department_code_ehr is not null)
    )[1] as department_code_ehr
from ancestry
group by organization_id_ehr
