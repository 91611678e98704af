with ledger as (
    select
        facility_code,
        posting_month as service_month,
        sum(gl_amount) as amount
    from {{ ref('fct_gl_entry') }}
    where
        cost_center_code is not null
        and account_class in ('labor', 'other_direct')
    group by facility_code, posting_month
),

encounter_cost as (
    select
        facility_code,
        service_month,
        sum(cost_amount) as amount
    from {{ ref('fct_encounter_cost') }}
    where cost_component in ('labor', 'other_direct', 'overhead')
    group by facility_code, service_month
)

select
    coalesce(ledger.facility_code, encounter_cost.facility_code) as facility_code,
    coalesce(ledger.service_month, encounter_cost.service_month) as service_month,
    ledger.amount as ledger_amount,
    encounter_cost.amount as encounter_cost_amount
from ledger
full outer join encounter_cost
    on
        ledger.facility_code = encounter_cost.facility_code
        and ledger.service_month = encounter_cost.service_month
where coalesce(ledger.amount, 0) <> coalesce(encounter_cost.amount, 0)
