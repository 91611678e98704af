{{ config(indexes=[{'columns': ['account_id', 'charge_transaction_id']}]) }}

-- Charges (CG) and credits (CD, or below zero) as posted, each on its account: that of
-- the visit, whichever feed tells of it; else the one that the message names.
-- Without the facility nobody can tell whether a claim bills the charge already.
with posted as (
    select
        charge.*,
        charge.transaction_type = 'CD' or charge.charge_amount < 0 as is_credit,
        {{ crosswalked(
            'facility', 'ehr', 'charge.facility_code_ehr', 'charge.service_date'
        ) }} as facility_code
    from {{ ref('stg_ehr__charge_transaction') }} as charge
    where charge.transaction_type in ('CG', 'CD')
),

on_account as (
    select
        posted.*,
        coalesce(
            visit.account_number,
            {{ surviving_account(
                'posted.facility_code',
                'coalesce(posted.account_number, posted.visit_number)'
            ) | indent(12) }}
        ) as charged_account_number
    from posted
    left join lateral (
        select encounter.account_number
        from {{ ref('int_encounter__united') }} as encounter
        where
            encounter.facility_code = posted.facility_code
            and encounter.visit_number = {{ number_text('posted.visit_number') }}
            and encounter.account_number is not null
        order by
            coalesce(
                encounter.account_number
                = {{ surviving_account(
                    'posted.facility_code', 'posted.account_number'
                ) | indent(16) }},
                false
            ) desc,
            encounter.encounter_status in ('cancelled', 'entered-in-error') asc,
            encounter.start_at asc,
            encounter.encounter_id asc
        limit 1
    ) as visit on true
    where posted.facility_code <> 'unmapped'
)

select
    record_id,
    posting_rank,
    facility_code || '|' || charged_account_number as account_id,
    coalesce(
        transaction_id, record_id || '.' || transaction_position
    ) as charge_transaction_id,
    facility_code,
    {{ crosswalked(
        'department', 'ehr', 'on_account.department_code_ehr',
        'on_account.service_date', 'on_account.facility_code'
    ) }} as department_code,
    is_credit,
    revenue_code,
    procedure_code,
    (
        case when is_credit then -abs(charge_amount) else charge_amount end
    )::numeric(18, 2) as charge_amount,
    (
        case when is_credit then -abs(service_quantity) else service_quantity end
    )::numeric(18, 4) as service_quantity,
    service_date,
    posted_date
from on_account
where charged_account_number is not null
