with category as (
    select * from {{ ref('adjustment_category') }}
)

select
    adjustment.record_id,
    adjustment.adjustment_id,
    adjustment.payment_id,
    payment.claim_id,
    payment.account_id,
    payment.facility_code,
    adjustment.line_position,
    adjustment.group_code,
    adjustment.reason_code,
    coalesce(exact.category, by_group.category, 'other') as adjustment_category,
    adjustment.adjustment_amount,
    payment.payment_date,
    payment.service_month
from {{ ref('stg_billing__remittance_adjustment') }} as adjustment
inner join {{ ref('int_remittance_claim__located') }} as payment
    on adjustment.record_id = payment.record_id
left join category as exact
    on
        adjustment.group_code = exact.group_code
        and adjustment.reason_code = exact.reason_code
left join category as by_group
    on
        adjustment.group_code = by_group.group_code
        and by_group.reason_code = '*'
