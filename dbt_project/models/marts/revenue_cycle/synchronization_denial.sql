-- A denial is put down to the systems only where they show it themselves: what they
-- told each other late, twice or not at all. The first gap found names it.
with late_claim as (
    select distinct claim_id
    from {{ ref('fct_charge') }}
    where is_late and claim_id is not null
),

explained as (
    select
        denial.*,
        case
            when denial.denial_cause = 'duplicate' and claim.submission_count > 1
                then 'sent_twice'
            when denial.denial_cause = 'timely_filing' then 'sent_late'
            when denial.encounter_id is null then 'visit_unknown'
            when claim.hold_reason <> '' then claim.hold_reason
            when
                late_claim.claim_id is not null
                and denial.denial_cause in ('information', 'coding', 'authorization')
                then 'charged_late'
            else 'none'
        end as gap
    from {{ ref('fct_denial') }} as denial
    left join {{ ref('fct_claim') }} as claim on denial.claim_id = claim.claim_id
    left join late_claim on denial.claim_id = late_claim.claim_id
)

select
    {{ month_of('denied_date') }} as denied_month,
    facility_code,
    payer_code,
    denial_cause,
    gap,
    gap <> 'none' as is_avoidable,
    count(*) as denial_count,
    sum(initial_denial_amount) as initial_denial_amount,
    sum(standing_denial_amount) as standing_denial_amount
from explained
group by {{ month_of('denied_date') }}, facility_code, payer_code, denial_cause, gap
