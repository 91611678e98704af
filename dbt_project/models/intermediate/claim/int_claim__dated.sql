{{ config(indexes=[{'columns': ['claim_id'], 'unique': true}]) }}

-- A root claim is described by its newest submission in force, else by its newest one;
-- its dates and amounts are those of everything in force.
with line as (
    select
        record_id,
        count(*) as line_count,
        sum(charge_amount) as gross_charge_amount,
        min(service_date) as first_service_date,
        max(service_date) as last_service_date
    from {{ ref('stg_billing__claim_line') }}
    group by record_id
),

dated as (
    select
        claim.*,
        ruled.claim_id as root_claim_id,
        ruled.submission_state = 'in_force' as is_in_force,
        coalesce(line.line_count, 0) as line_count,
        coalesce(line.gross_charge_amount, 0.00) as gross_charge_amount,
        coalesce(
            claim.statement_from_date,
            line.first_service_date,
            claim.statement_through_date,
            {{ system_day('claim.received_at') }}
        ) as from_date,
        coalesce(
            case
                when claim.transaction_type = '837P' then line.last_service_date
            end,
            claim.statement_through_date,
            line.last_service_date,
            claim.statement_from_date,
            {{ system_day('claim.received_at') }}
        ) as through_date,
        row_number() over (
            partition by ruled.claim_id
            order by
                ruled.submission_state = 'in_force' desc,
                {{ payer_order('claim.payer_sequence') }} asc,
                ruled.submission_kind = 'late' asc,
                claim.submission_rank desc
        ) as precedence
    from {{ ref('int_claim_submission__ruled') }} as ruled
    inner join {{ ref('stg_billing__claim') }} as claim
        on ruled.record_id = claim.record_id
    left join line on claim.record_id = line.record_id
),

total as (
    select
        root_claim_id,
        count(*) filter (where is_in_force) as in_force_count,
        coalesce(sum(submitted_charge_amount) filter (where is_in_force), 0.00)
            as submitted_charge_amount,
        coalesce(sum(gross_charge_amount) filter (where is_in_force), 0.00)
            as gross_charge_amount,
        coalesce(sum(line_count) filter (where is_in_force), 0)::bigint as line_count,
        min(from_date) filter (where is_in_force or precedence = 1) as from_date,
        max(through_date) filter (where is_in_force or precedence = 1) as through_date,
        max(ms_drg) filter (where is_in_force or precedence = 1) as ms_drg
    from dated
    group by root_claim_id
)

select
    dated.record_id,
    dated.root_claim_id as claim_id,
    dated.billing_npi,
    dated.account_number,
    dated.payer_id_billing,
    dated.transaction_type,
    dated.frequency_code,
    dated.facility_type_code,
    dated.is_changed_to_outpatient,
    dated.is_unrelated_stay,
    coalesce(dated.ms_drg, total.ms_drg) as ms_drg,
    total.in_force_count,
    total.submitted_charge_amount,
    total.gross_charge_amount,
    total.line_count,
    total.from_date,
    total.through_date
from dated
inner join total on dated.root_claim_id = total.root_claim_id
where dated.precedence = 1
