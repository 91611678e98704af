-- Per facility and month, the mart's deductions and payments are the remittances'.
-- relation: marts.service_line_profitability
-- needs: conformed.fct_remittance_adjustment conformed.fct_payment
-- severity: block
select
    facility_code,
    service_month,
    category
from (
    select
        mart.facility_code,
        mart.service_month,
        part.category,
        part.amount
    from batch as mart
    cross join lateral (
        values
        ('contractual', mart.contractual_amount),
        ('denial', mart.denial_amount),
        ('other', mart.other_adjustment_amount),
        ('patient_share', mart.patient_share_amount),
        ('paid', mart.paid_amount)
    ) as part (category, amount)
    union all
    select
        facility_code,
        service_month,
        adjustment_category as category,
        -adjustment_amount as amount
    from candidate_conformed.fct_remittance_adjustment
    where adjustment_category <> 'prior_payer' and not is_passed_on
    union all
    select
        facility_code,
        service_month,
        'paid' as category,
        -paid_amount as amount
    from candidate_conformed.fct_payment
) as dollar
group by facility_code, service_month, category
having sum(amount) <> 0
