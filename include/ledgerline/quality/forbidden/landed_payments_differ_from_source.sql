-- Every landed 835 claim is a payment, once, with the amount it says (CLP04), except
-- predeterminations (CLP02 25).
-- relation: conformed.fct_payment
-- severity: block
select coalesce(landed.resource_id, payment.payment_id) as payment_id
from (
    select
        resource_id,
        case
            when
                coalesce(body ->> 'paid_amount', '0')
                ~ '^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)$'
                then cast(coalesce(body ->> 'paid_amount', '0') as numeric)
            else cast('NaN' as numeric)
        end as paid_amount
    from raw_billing.current_record
    where
        resource_type = '835.claim'
        and coalesce(body ->> 'status_code', '') <> '25'
) as landed
full join batch as payment on landed.resource_id = payment.payment_id
where landed.paid_amount is distinct from payment.paid_amount
