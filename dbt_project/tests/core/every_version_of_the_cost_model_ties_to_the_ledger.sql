{{ config(meta={'asks': 'whole'}) }}

-- Whatever a version does with cost, a facility's month costs what its ledger says.
with ledger as (
    select
        coalesce(entry.facility_code, 'unmapped') as facility_code,
        entry.posting_month as service_month,
        sum(entry.gl_amount) as amount
    from {{ ref('fct_gl_entry') }} as entry
    where {{ is_center_cost('entry') }}
    group by coalesce(entry.facility_code, 'unmapped'), entry.posting_month
),

version as (
    select
        facility_code,
        service_month,
        cost_model_code,
        model_step,
        sum(cost_amount) as amount
    from {{ ref('fct_cost_model_cost') }}
    group by facility_code, service_month, cost_model_code, model_step
)

select
    version.facility_code,
    version.service_month,
    version.cost_model_code,
    version.model_step,
    version.amount,
    ledger.amount as ledger_amount
from version
left join ledger
    on
        version.facility_code = ledger.facility_code
        and version.service_month = ledger.service_month
where version.amount is distinct from ledger.amount
