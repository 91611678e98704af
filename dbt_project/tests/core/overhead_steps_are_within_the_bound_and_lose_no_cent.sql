-- The step-down closes at most six overhead centers a facility (step_bound of
-- int_cost_center__stepped_down), and only moves money.
select
    facility_code,
    'more overhead centers than steps' as reason
from {{ ref('stg_reference__allocation_step') }}
group by facility_code
having count(*) > 6
union all
select
    facility_code,
    'the step-down changed a total' as reason
from {{ ref('int_cost_center__stepped_down') }}
group by facility_code, service_month
having sum(direct_cents) <> sum(balance_cents)
