-- The day that metrics are told on is the newest one on which a claim was sent or a
-- payer decided, so that the same records give the same figures on any day; before
-- the first claim, the newest day of a charge or encounter.
with newest as (
    select
        max(submitted_date) as business_date,
        true as is_billing
    from {{ ref('fct_claim_submission') }}
    union all
    select
        max(payment_date) as business_date,
        true as is_billing
    from {{ ref('fct_payment') }}
    union all
    select
        max(service_date) as business_date,
        false as is_billing
    from {{ ref('fct_charge') }}
    union all
    select
        max(coalesce(end_date, start_date)) as business_date,
        false as is_billing
    from {{ ref('fct_encounter') }}
),

known as (
    select
        coalesce(
            max(business_date) filter (where is_billing), max(business_date)
        ) as as_of_date
    from newest
)

select
    metric.metric_code,
    metric.metric_name,
    metric.unit,
    metric.value_kind,
    metric.cohort,
    metric.maturity_days_count,
    metric.definition,
    metric.definition_source,
    known.as_of_date,
    known.as_of_date - metric.maturity_days_count as mature_until_date
from {{ ref('metric_definition') }} as metric
cross join known
