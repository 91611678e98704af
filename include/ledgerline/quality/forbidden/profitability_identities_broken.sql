-- Net revenue is gross less its deductions; every margin is the one above less its cost.
-- relation: marts.service_line_profitability
-- severity: block
select 1 as found
from batch as mart
where
    mart.net_revenue_amount is distinct from
    mart.gross_charge_amount - mart.contractual_amount
    - mart.denial_amount - mart.other_adjustment_amount
    - mart.estimated_concession_amount
    or mart.contribution_margin_amount is distinct from
    mart.net_revenue_amount - mart.variable_cost
    or mart.direct_margin_amount is distinct from
    mart.net_revenue_amount - mart.supply_cost - mart.implant_cost - mart.drug_cost
    - mart.labor_cost - mart.other_direct_cost
    or mart.operating_margin_amount is distinct from
    mart.direct_margin_amount - mart.overhead_cost
