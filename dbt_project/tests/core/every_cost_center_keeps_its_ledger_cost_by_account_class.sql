{{ config(meta={'asks': 'whole'}) }}

-- A center of patient care keeps what each class of account put on it and rules moved
-- to it; what overhead centers had is in the overhead that was allocated, to the cent.
with ledger as (
    select
        coalesce(entry.facility_code, 'unmapped') as facility_code,
        entry.posting_month as service_month,
        coalesce(entry.cost_center_code, 'unmapped') as cost_center_code,
        case
            when entry.account_class = 'supply_expense' then 'supplies'
            else entry.account_class
        end as cost_class,
        entry.gl_amount as amount
    from {{ ref('fct_gl_entry') }} as entry
    where {{ is_center_cost('entry') }}
    union all
    select
        applied.facility_code,
        applied.service_month,
        side.cost_center_code,
        case
            when applied.cost_component in ('supply', 'implant', 'drug') then 'supplies'
            else applied.cost_component
        end as cost_class,
        side.amount
    from {{ ref('fct_cost_reclassification') }} as applied
    cross join
        lateral (
            values
            (applied.from_cost_center_code, -applied.moved_amount),
            (applied.to_cost_center_code, applied.moved_amount)
        ) as side (cost_center_code, amount)
    where applied.exception_reason = ''
),

overhead_center as (
    select distinct
        facility_code,
        service_month,
        cost_center_code
    from {{ ref('fct_overhead_allocation') }}
    where cost_center_kind = 'overhead'
),

told as (
    select
        ledger.facility_code,
        ledger.service_month,
        case
            when overhead_center.facility_code is null then ledger.cost_center_code
            else ''
        end as cost_center_code,
        case
            when overhead_center.facility_code is null then ledger.cost_class
            else 'overhead'
        end as cost_class,
        ledger.amount as ledger_amount,
        0 as cost_amount
    from ledger
    left join overhead_center
        on
            ledger.facility_code = overhead_center.facility_code
            and ledger.service_month = overhead_center.service_month
            and ledger.cost_center_code = overhead_center.cost_center_code
    union all
    select
        facility_code,
        service_month,
        case when cost_component = 'overhead' then '' else cost_center_code end
            as cost_center_code,
        case
            when cost_component in ('supply', 'implant', 'drug') then 'supplies'
            else cost_component
        end as cost_class,
        0 as ledger_amount,
        cost_amount
    from {{ ref('fct_encounter_cost') }}
    where cost_method <> 'actual'
)

select
    facility_code,
    service_month,
    cost_center_code,
    cost_class,
    sum(ledger_amount) as ledger_amount,
    sum(cost_amount) as cost_amount
from told
group by facility_code, service_month, cost_center_code, cost_class
having sum(ledger_amount) <> sum(cost_amount)
