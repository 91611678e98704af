-- The day that metrics are told on is the newest one on which a claim was sent or a
-- payer decided, so that the same records give the same figures on any day.
with known as (
    select max(business_date) as as_of_date
    from (
        select max(submitted_date) as business_date
        from {{ ref('fct_claim_submission') }}
        union all
        select max(payment_date) as business_date
        from {{ ref('fct_payment') }}
    ) as newest
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
