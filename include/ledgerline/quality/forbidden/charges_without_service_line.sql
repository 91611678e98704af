-- Every revenue dollar has a service line, or the word unmapped.
-- relation: conformed.fct_charge
-- severity: block
select charge.charge_id
from batch as charge
where coalesce(charge.service_line_code, '') = ''
