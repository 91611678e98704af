-- Per facility, the service lines of the landed 837 claims in force are the billed
-- charges, to the cent.
-- relation: conformed.fct_charge
-- needs: conformed.fct_claim_submission
-- severity: block
select coalesce(said.facility_code, held.facility_code) as facility_code
from (
    select
        submission.facility_code,
        sum(
            case
                when
                    coalesce(line.element ->> 'charge_amount', '0')
                    ~ '^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)$'
                    then cast(
                        coalesce(line.element ->> 'charge_amount', '0') as numeric
                    )
                else cast('NaN' as numeric)
            end
        ) as amount
    from candidate_conformed.fct_claim_submission as submission
    inner join raw_billing.record as landed on submission.record_id = landed.record_id
    cross join lateral jsonb_array_elements(
        case
            when jsonb_typeof(landed.body -> 'lines') = 'array'
                then landed.body -> 'lines'
            else cast('[]' as jsonb)
        end
    ) as line (element)
    where submission.is_in_force
    group by submission.facility_code
) as said
full join (
    select
        facility_code,
        sum(charge_amount) as amount
    from batch as charge
    where is_billed
    group by facility_code
) as held on said.facility_code = held.facility_code
where coalesce(said.amount, 0) <> coalesce(held.amount, 0)
