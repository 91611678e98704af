{{ config(indexes=[{'columns': ['account_id', 'charge_transaction_id']}]) }}

-- Charges and credits as posted, each on its account: that of the visit, whichever feed
-- tells of it; else the one that the message names.
-- Without the facility nobody can tell whether a claim bills the charge already.
with on_account as (
    select
        posted.*,
        coalesce(
            visit.account_number,
            {{ surviving_account(
                'posted.facility_code',
                'coalesce(posted.account_number, posted.visit_number)'
            ) | indent(12) }}
        ) as charged_account_number
    from {{ ref('int_charge_transaction__signed') }} as posted
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
    charge_transaction_id,
    facility_code,
    {{ crosswalked(
        'department', 'ehr', 'on_account.department_code_ehr',
        'on_account.service_date', 'on_account.facility_code'
    ) }} as department_code,
    is_credit,
    revenue_code,
    procedure_code,
    charge_amount,
    service_quantity,
    service_date,
    posted_date
from on_account
where charged_account_number is not null
