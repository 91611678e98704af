{{ config(materialized='kept', replaces='true') }}

-- What stands of a denial is written off once its payer's last decision is old enough,
-- and open until then; on a claim that was voided it is withdrawn.
with weighed as (
    select
        denial.*,
        claim.first_submitted_date,
        coalesce(claim.life_cycle_state = 'closed', false) as is_void,
        coalesce(claim.first_submitted_date <= cohort.mature_until_date, false)
            as is_mature,
        coalesce(denial.last_decided_date <= final.mature_until_date, false)
            as is_final,
        greatest(denial.initial_denial_amount - denial.standing_denial_amount, 0.00)
            as lifted_amount
    from {{ ref('fct_denial') }} as denial
    left join {{ ref('fct_claim') }} as claim on denial.claim_id = claim.claim_id
    left join {{ ref('dim_metric') }} as cohort
        on cohort.metric_code = 'initial_denial_rate_claims'
    left join {{ ref('dim_metric') }} as final
        on final.metric_code = 'final_denial_rate'
)

select
    claim_id,
    payer_sequence,
    payment_id,
    encounter_id,
    record_id,
    facility_code,
    service_line_code,
    payer_code,
    payer_class,
    group_code,
    reason_code,
    remark_codes,
    denial_cause,
    reason_count,
    case
        when is_void and standing_denial_amount = 0 then 'withdrawn'
        when standing_denial_amount = 0 then 'overturned'
        when lifted_amount > 0 then 'partly_overturned'
        when is_final then 'written_off'
        else 'open'
    end as denial_state,
    is_first_adjudication and initial_denial_amount > 0 as is_initial,
    initial_denial_amount >= charge_amount and initial_denial_amount > 0 as is_full,
    is_mature,
    charge_amount,
    initial_denial_amount,
    standing_denial_amount,
    case when is_void then 0.00 else lifted_amount end as overturned_amount,
    case when is_void then lifted_amount else 0.00 end as withdrawn_amount,
    case when is_final then standing_denial_amount else 0.00 end as written_off_amount,
    case when is_final then 0.00 else standing_denial_amount end as open_amount,
    denied_date,
    last_decided_date,
    first_submitted_date,
    {{ month_of('first_submitted_date') }} as submitted_month
from weighed
