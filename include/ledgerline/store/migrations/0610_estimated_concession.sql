-- What lies between gross charges and net revenue beside what payers decided: by
-- subtraction, so that publications from before the concession was estimated read 0.
create or replace view marts_pooled.service_line_margin as
select
    margin.*,
    margin.gross_charge_amount - margin.contractual_amount - margin.denial_amount
    - margin.other_adjustment_amount - margin.net_revenue_amount
        as estimated_concession_amount
from ops.pooled_service_line_margin() as margin;

create or replace view marts_pooled.facility_margin as
select
    margin.*,
    margin.gross_charge_amount - margin.contractual_amount - margin.denial_amount
    - margin.other_adjustment_amount - margin.net_revenue_amount
        as estimated_concession_amount
from ops.pooled_facility_margin() as margin;
