{{ config(meta={'asks': 'whole'}) }}

with ledger as (
    select
        coalesce(entry.facility_code, 'unmapped') as facility_code,
        entry.posting_month as service_month,
        entry.gl_amount as amount
    from {{ ref('fct_gl_entry') }} as entry
    where {{ is_center_cost('entry') }}
),

encounter_cost as (
    select
        facility_code,
        service_month,
        cost_amount as amount
    from {{ ref('fct_encounter_cost') }}
    where cost_method <> 'actual'
)

{{ differing_months('ledger', 'encounter_cost') }}
