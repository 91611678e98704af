{{ config(meta={'asks': 'whole'}) }}

-- Charges are expected to bring something once: the unanswered ones in the margins,
-- which concede the rest of them, those of claims in reimbursement.
with compared as (
    select
        (
            select coalesce(sum(charge_amount), 0) from {{ ref('fct_charge') }}
        ) as gross_amount,
        (
            select coalesce(sum(gross_charge_amount), 0)
            from {{ ref('fct_expected_revenue') }}
        ) as expected_of_amount,
        (
            select coalesce(sum(accrued_amount), 0)
            from {{ ref('fct_expected_revenue') }}
        ) as accrued_amount,
        (
            select coalesce(sum(accrued_net_revenue_amount), 0)
            from {{ ref('service_line_profitability') }}
        ) as service_line_amount,
        (
            select coalesce(sum(charge_amount), 0)
            from {{ ref('fct_charge') }}
            where not is_adjudicated
        ) as unadjudicated_amount,
        (
            select coalesce(sum(gross_charge_amount), 0)
            from {{ ref('fct_expected_revenue') }}
            where not is_adjudicated
        ) as expected_of_unadjudicated_amount,
        (
            select coalesce(sum(unanswered_amount), 0)
            from {{ ref('fct_expected_revenue') }}
        ) as unanswered_amount,
        (
            select
                coalesce(
                    sum(accrued_net_revenue_amount + estimated_concession_amount), 0
                )
            from {{ ref('service_line_profitability') }}
        ) as counted_amount,
        (
            select coalesce(sum(expected_amount), 0)
            from {{ ref('fct_expected_revenue') }}
            where claim_id is not null
        ) as claim_amount,
        (
            select coalesce(sum(expected_amount + open_expected_amount), 0)
            from {{ ref('reimbursement') }}
        ) as reimbursement_amount
)

select *
from compared
where
    gross_amount <> expected_of_amount
    or accrued_amount <> service_line_amount
    or unadjudicated_amount <> expected_of_unadjudicated_amount
    or unanswered_amount <> counted_amount
    or claim_amount <> reimbursement_amount
