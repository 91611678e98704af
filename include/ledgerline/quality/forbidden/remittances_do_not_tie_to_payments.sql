-- Per 835, BPR02 is the claim payments less the provider-level adjustments.
-- relation: conformed.fct_payment
-- needs: conformed.fct_provider_adjustment
-- severity: block
select remittance_id
from (
    select
        resource_id as remittance_id,
        case
            when
                coalesce(body ->> 'payment_amount', '0')
                ~ '^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)$'
                then cast(coalesce(body ->> 'payment_amount', '0') as numeric)
            else cast('NaN' as numeric)
        end as amount
    from raw_billing.current_record
    where resource_type = '835.transaction'
    union all
    select
        remittance_id,
        -paid_amount as amount
    from batch as payment
    union all
    select
        remittance_id,
        adjustment_amount as amount
    from candidate_conformed.fct_provider_adjustment
) as dollar
group by remittance_id
having sum(amount) <> 0
