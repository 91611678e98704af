{{ config(indexes=[
    {'columns': ['claim_id'], 'unique': true}, {'columns': ['account_id']}
]) }}

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
        coalesce(line.line_count, 0) as line_count,
        coalesce(line.gross_charge_amount, 0.00) as gross_charge_amount,
        coalesce(
            claim.statement_from_date,
            line.first_service_date,
            claim.statement_through_date,
            (claim.received_at at time zone 'UTC')::date
        ) as from_date,
        coalesce(
            case
                when claim.transaction_type = '837P' then line.last_service_date
            end,
            claim.statement_through_date,
            line.last_service_date,
            claim.statement_from_date,
            (claim.received_at at time zone 'UTC')::date
        ) as through_date
    from {{ ref('stg_billing__claim') }} as claim
    left join line on claim.record_id = line.record_id
    where claim.is_current
),

in_facility as (
    select
        dated.*,
        {{ crosswalked(
            'facility', 'billing', 'dated.billing_npi', 'dated.from_date'
        ) }} as facility_code
    from dated
)

select
    in_facility.record_id,
    in_facility.claim_id,
    case
        when in_facility.facility_code = 'unmapped' then in_facility.claim_id
        else in_facility.facility_code || '|' || in_facility.account_number
    end as account_id,
    in_facility.facility_code,
    in_facility.account_number,
    {{ crosswalked(
        'payer', 'billing', 'in_facility.payer_id_billing',
        'in_facility.from_date', 'in_facility.facility_code'
    ) }} as payer_code,
    in_facility.transaction_type,
    in_facility.frequency_code,
    in_facility.ms_drg,
    in_facility.transaction_type = '837I'
    and coalesce(in_facility.facility_type_code, '') = '11' as is_inpatient_bill,
    in_facility.submitted_charge_amount,
    in_facility.gross_charge_amount,
    in_facility.line_count,
    in_facility.from_date as statement_from_date,
    in_facility.through_date as statement_through_date,
    {{ month_of('in_facility.through_date') }} as service_month
from in_facility
