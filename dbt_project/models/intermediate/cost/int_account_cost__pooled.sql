{{ config(materialized='kept', replaces='true') }}

-- What overhead centers had is one pool of a facility and month, whoever they serve.
with cost as (
    select
        cost.*,
        coalesce(center.cost_center_kind = 'overhead', false) as is_overhead
    from {{ ref('int_account_cost__reclassified') }} as cost
    {{ join_center_of_month('cost') | indent }}
),

placed as (
    select
        facility_code,
        service_month,
        case when is_overhead then '' else cost_center_code end as cost_center_code,
        case when is_overhead then 'overhead' else cost_component end as cost_component,
        account_code,
        cost_cents
    from cost
)

select
    facility_code,
    service_month,
    cost_center_code,
    cost_component,
    account_code,
    sum(cost_cents)::bigint as cost_cents
from placed
group by
    facility_code, service_month, cost_center_code, cost_component, account_code
