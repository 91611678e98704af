-- Per facility, what the landed 837 claims say (CLM02) is what the claims hold.
-- relation: conformed.fct_claim
-- severity: block
select claim.facility_code
from batch as claim
left join raw_billing.record as landed
    on claim.record_id = landed.record_id and landed.resource_type = '837.claim'
cross join lateral (
    select
        case
            when
                coalesce(landed.body ->> 'charge_amount', '0')
                ~ '^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)$'
                then cast(coalesce(landed.body ->> 'charge_amount', '0') as numeric)
            else cast('NaN' as numeric)
        end as amount
) as said
group by claim.facility_code
having sum(claim.submitted_charge_amount) <> sum(said.amount)
