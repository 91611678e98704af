-- A facility that bills through us has at most 20 % payments for claims we do not hold.
-- relation: conformed.fct_payment
-- severity: hold
-- threshold: 20 % unknown, of 20 payments and more; set 2026-11-22 by data engineering: a week of claims that never came leaves a quarter of a month's payments without one
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
