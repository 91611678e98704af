-- Per facility, what the landed 837 claims in force say (CLM02) is what the claims hold.
-- relation: conformed.fct_claim
-- needs: conformed.fct_claim_submission
-- severity: block
select facility_code
from (
    select
        submission.facility_code,
        case
            when
                coalesce(landed.body ->> 'charge_amount', '0')
                ~ '^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)$'
                then cast(coalesce(landed.body ->> 'charge_amount', '0') as numeric)
            else cast('NaN' as numeric)
        end as amount
    from candidate_conformed.fct_claim_submission as submission
    left join raw_billing.record as landed
        on
            submission.record_id = landed.record_id
            and landed.resource_type = '837.claim'
    where submission.is_in_force
    union all
    select
        facility_code,
        -submitted_charge_amount as amount
    from batch as claim
) as dollar
group by facility_code
having sum(amount) <> 0
