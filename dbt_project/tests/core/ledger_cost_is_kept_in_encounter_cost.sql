{{ config(meta={'asks': 'whole'}) }}

with ledger as (
    select
        facility_code,
        posting_month as service_month,
        gl_amount as amount
    from {{ ref('fct_gl_entry') }}
    where
        cost_center_code is not null
        and account_class in ('labor', 'other_direct')
),

encounter_cost as (
    select
        facility_code,
        service_month,
        cost_amount as amount
    from {{ ref('fct_encounter_cost') }}
    where cost_component in ('labor', 'other_direct', 'overhead')
)

{{ differing_months('ledger', 'encounter_cost') }}
