with payment as (
    select
        claim_id,
        count(*) as payment_count,
        sum(paid_amount) as paid_amount
    from {{ ref('int_remittance_claim__located') }}
    group by claim_id
),

adjustment as (
    select
        {%- for category in [
            'contractual', 'denial', 'other', 'prior_payer', 'patient_share'
        ] %}
        coalesce(
            sum(adjustment_amount) filter (
                where adjustment_category = '{{ category }}'
            ),
            0.00
        ) as {{ category }}_amount,
        {%- endfor %}
        claim_id
    from {{ ref('int_remittance_adjustment__categorized') }}
    group by claim_id
)

select
    claim.claim_id,
    account.encounter_id,
    claim.record_id,
    claim.facility_code,
    account.service_line_code,
    claim.payer_code,
    account.payer_class,
    coalesce(drg.ms_drg, case when claim.ms_drg is not null then 'unmapped' end)
        as ms_drg,
    claim.transaction_type,
    claim.frequency_code,
    payment.claim_id is not null as is_adjudicated,
    account.hold_reason,
    claim.submitted_charge_amount,
    claim.gross_charge_amount,
    coalesce(adjustment.contractual_amount, 0.00) as contractual_amount,
    coalesce(adjustment.denial_amount, 0.00) as denial_amount,
    coalesce(adjustment.other_amount, 0.00) as other_adjustment_amount,
    coalesce(adjustment.prior_payer_amount, 0.00) as prior_payer_amount,
    coalesce(adjustment.patient_share_amount, 0.00) as patient_share_amount,
    coalesce(payment.paid_amount, 0.00) as paid_amount,
    claim.line_count,
    coalesce(payment.payment_count, 0) as payment_count,
    claim.statement_from_date,
    claim.statement_through_date,
    claim.service_month
from {{ ref('int_claim__located') }} as claim
inner join {{ ref('int_account__classified') }} as account
    on claim.account_id = account.account_id
left join {{ ref('drg') }} as drg on claim.ms_drg = drg.ms_drg
left join payment on claim.claim_id = payment.claim_id
left join adjustment on claim.claim_id = adjustment.claim_id
