-- A facility that bills through us has at most 20 % payments for claims we do not hold.
-- relation: conformed.fct_payment
-- severity: hold
select
    facility.facility_code,
    concat(
        facility.orphan_count, ' of ', facility.payment_count,
        ' payments, ', facility.orphan_amount, ' USD, answer a claim that never landed'
    ) as observed
from (
    select
        payment.facility_code,
        count(*) as payment_count,
        count(*) filter (where not payment.has_claim) as orphan_count,
        sum(payment.paid_amount) filter (where not payment.has_claim) as orphan_amount
    from batch as payment
    group by payment.facility_code
) as facility
where
    facility.payment_count >= 20
    and facility.orphan_count * 5 > facility.payment_count
    and facility.facility_code in (
        select canonical_code from reference.mapping
        where code_set = 'facility' and source_system = 'billing'
    )
