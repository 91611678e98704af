-- Either method only moves what the ledger put on the cost centers.
select
    facility_code,
    service_month,
    allocation_method
from {{ ref('int_cost_center__allocated') }}
group by facility_code, service_month, allocation_method
having sum(direct_cents) <> sum(balance_cents)
