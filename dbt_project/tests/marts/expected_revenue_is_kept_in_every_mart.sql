{{ config(meta={'asks': 'whole'}) }}

-- Charges are expected to bring something once: the unanswered ones in the margins,
-- which concede the rest of them, those of claims in reimbursement.
with charged as (
    select
        coalesce(sum(charge_amount), 0) as gross_amount,
        coalesce(sum(charge_amount) filter (where not is_adjudicated), 0)
            as unadjudicated_amount
    from {{ ref('fct_charge') }}
),

expected as (
    select
        coalesce(sum(gross_charge_amount), 0) as expected_of_amount,
        coalesce(sum(gross_charge_amount) filter (where not is_adjudicated), 0)
            as expected_of_unadjudicated_amount,
        coalesce(sum(unanswered_amount), 0) as unanswered_amount,
        coalesce(sum(accrued_amount), 0) as accrued_amount,
        coalesce(sum(expected_amount) filter (where claim_id is not null), 0)
            as claim_amount
    from {{ ref('fct_expected_revenue') }}
),

margin as (
    select
        coalesce(sum(accrued_net_revenue_amount), 0) as service_line_amount,
        coalesce(sum(accrued_net_revenue_amount + estimated_concession_amount), 0)
            as counted_amount
    from {{ ref('service_line_profitability') }}
),

reimbursed as (
    select
        coalesce(sum(expected_amount + open_expected_amount), 0)
            as reimbursement_amount
    from {{ ref('reimbursement') }}
)

select
    charged.*,
    expected.*,
    margin.*,
    reimbursed.*
from charged
cross join expected
cross join margin
cross join reimbursed
where
    charged.gross_amount <> expected.expected_of_amount
    or charged.unadjudicated_amount <> expected.expected_of_unadjudicated_amount
    or expected.accrued_amount <> margin.service_line_amount
    or expected.unanswered_amount <> margin.counted_amount
    or expected.claim_amount <> reimbursed.reimbursement_amount
