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
),

on_account as (
    select
        in_facility.*,
        {{ surviving_account(
            'in_facility.facility_code', 'in_facility.account_number'
        ) | indent(8) }} as surviving_account_number
    from in_facility
)

select
    on_account.record_id,
    on_account.claim_id,
    case
        when on_account.facility_code = 'unmapped' then on_account.claim_id
        else on_account.facility_code || '|' || on_account.surviving_account_number
    end as account_id,
    on_account.facility_code,
    on_account.surviving_account_number as account_number,
    {{ crosswalked(
        'payer', 'billing', 'on_account.payer_id_billing',
        'on_account.from_date', 'on_account.facility_code'
    ) }} as payer_code,
    on_account.transaction_type,
    on_account.frequency_code,
    on_account.ms_drg,
    on_account.transaction_type = '837I'
    and coalesce(on_account.facility_type_code, '') = '11' as is_inpatient_bill,
    on_account.submitted_charge_amount,
    on_account.gross_charge_amount,
    on_account.line_count,
    on_account.from_date as statement_from_date,
    on_account.through_date as statement_through_date,
    {{ month_of('on_account.through_date') }} as service_month
from on_account
