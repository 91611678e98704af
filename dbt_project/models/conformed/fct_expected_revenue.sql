{%- set changed = of_expectations() -%}
{{ config(materialized='kept', replaces=changed, touches='unanswered_amount <> 0') }}
{%- set of_both = [
    'encounter_id', 'facility_code', 'service_line_code', 'payer_key', 'payer_code',
    'payer_class', 'is_adjudicated', 'gross_charge_amount', 'unanswered_amount',
    'service_month',
] %}

-- Expected by the payer's contract, else as its mature claims of the service line
-- brought, else as all did; of patients who pay themselves only by a contract.
with capitated as (
    select claim_id
    from {{ ref('fct_remittance_adjustment') }}
    where adjustment_cause = 'capitation'
    group by claim_id
    having sum(adjustment_amount) <> 0
),

yield_of as (
    select
        claim.payer_code,
        claim.service_line_code,
        sum(claim.paid_amount + claim.patient_share_amount) as net_amount,
        sum(claim.gross_charge_amount) as gross_amount
    from {{ ref('fct_claim') }} as claim
    inner join {{ ref('dim_metric') }} as metric
        on
            metric.metric_code = 'payer_yield'
            and claim.first_submitted_date <= metric.mature_until_date
    where claim.is_adjudicated
    group by grouping sets ((claim.payer_code, claim.service_line_code), ())
    having sum(claim.gross_charge_amount) <> 0
),

charged as (
    select
        claim.claim_id as expected_revenue_id,
        claim.claim_id,
        {%- for column in of_both %}
        claim.{{ column }},
        {%- endfor %}
        priced.setting,
        priced.contract_code,
        priced.contract_amount
    from {{ ref('fct_claim') }} as claim
    left join {{ ref('int_claim__priced') }} as priced
        on claim.claim_id = priced.claim_id
    union all
    select
        concat_ws('|', 'unbilled', account_id, service_month) as expected_revenue_id,
        null as claim_id,
        {%- for column in of_both %}
        {{ column }},
        {%- endfor %}
        setting,
        contract_code,
        contract_amount
    from {{ ref('int_charge__unbilled') }}
),

expected as (
    select
        charged.*,
        case
            when capitated.claim_id is not null then 'capitation'
            when charged.contract_amount is not null then 'contract'
            when charged.payer_class = 'self_pay' then 'none'
            when payer_yield.gross_amount is not null then 'payer_yield'
            when network_yield.gross_amount is not null then 'network_yield'
            else 'none'
        end as expectation_method,
        case
            when capitated.claim_id is not null then 0.00
            when charged.contract_amount is not null then charged.contract_amount
            when charged.payer_class = 'self_pay' then 0.00
            else round(
                charged.gross_charge_amount
                * coalesce(payer_yield.net_amount, network_yield.net_amount, 0)
                / coalesce(payer_yield.gross_amount, network_yield.gross_amount, 1),
                2
            )
        end as expected_amount
    from charged
    left join capitated on charged.claim_id = capitated.claim_id
    left join yield_of as payer_yield
        on
            charged.payer_code = payer_yield.payer_code
            and charged.service_line_code = payer_yield.service_line_code
    left join yield_of as network_yield on network_yield.payer_code is null
)

select
    expected_revenue_id,
    claim_id,
    encounter_id,
    facility_code,
    service_line_code,
    payer_key,
    payer_code,
    payer_class,
    setting,
    case when expectation_method <> 'capitation' then contract_code end
        as contract_code,
    expectation_method,
    is_adjudicated,
    gross_charge_amount,
    unanswered_amount,
    expected_amount,
    coalesce(
        round(expected_amount * unanswered_amount / nullif(gross_charge_amount, 0), 2),
        0.00
    ) as accrued_amount,
    service_month
from {{ within('expected', changed) }}
