-- Expected against allowed, of claims that a payer has answered. A claim is underpaid
-- when its contract says more than was allowed and no denial stands.
with claim as (
    select
        expected.payer_code,
        expected.payer_class,
        coalesce(expected.contract_code, expected.expectation_method) as contract_code,
        expected.expectation_method,
        expected.setting,
        expected.service_line_code,
        expected.service_month,
        expected.facility_code,
        expected.is_adjudicated,
        expected.gross_charge_amount,
        expected.expected_amount,
        outcome.allowed_amount,
        outcome.paid_amount,
        outcome.written_off_amount + outcome.open_denial_amount as denial_amount,
        expected.is_adjudicated
        and expected.expectation_method = 'contract'
        and outcome.written_off_amount + outcome.open_denial_amount = 0
        and outcome.allowed_amount < expected.expected_amount as is_underpaid
    from {{ ref('fct_expected_revenue') }} as expected
    inner join {{ ref('claim_outcome') }} as outcome
        on expected.claim_id = outcome.claim_id
)

select
    payer_code,
    payer_class,
    contract_code,
    expectation_method,
    setting,
    service_line_code,
    service_month,
    facility_code,
    count(*) filter (where is_adjudicated) as adjudicated_claim_count,
    count(*) filter (where not is_adjudicated) as open_claim_count,
    count(*) filter (where is_underpaid) as underpaid_claim_count,
    {%- for measure in ['gross_charge', 'expected', 'allowed', 'denial'] %}
    coalesce(sum({{ measure }}_amount) filter (where is_adjudicated), 0.00)
        as {{ measure }}_amount,
    {%- endfor %}
    sum(paid_amount) as paid_amount,
    coalesce(
        sum(allowed_amount - expected_amount) filter (where is_adjudicated), 0.00
    ) as variance_amount,
    coalesce(sum(expected_amount - allowed_amount) filter (where is_underpaid), 0.00)
        as underpaid_amount,
    coalesce(sum(gross_charge_amount) filter (where not is_adjudicated), 0.00)
        as open_gross_charge_amount,
    coalesce(sum(expected_amount) filter (where not is_adjudicated), 0.00)
        as open_expected_amount
from claim
group by
    payer_code, payer_class, contract_code, expectation_method, setting,
    service_line_code, service_month, facility_code
