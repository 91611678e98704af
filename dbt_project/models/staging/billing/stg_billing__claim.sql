{{ config(indexes=[{'columns': ['record_id'], 'unique': true}]) }}

with source as (
    {{ latest_record('raw_billing', '837.claim') }}
),

claim as (
    select
        record_id,
        resource_id,
        received_at,
        coalesce(body ->> 'billing_npi', 'unmapped') as billing_npi,
        coalesce(body ->> 'account_number', 'unmapped') as account_number,
        coalesce(
            {{ as_date("(body ->> 'submission_date')") }},
            {{ system_day('received_at') }}
        ) as submitted_date,
        body
    from source
)

select
    claim.record_id,
    claim.resource_id as claim_submission_id,
    coalesce(
        claim.body ->> 'claim_id', claim.billing_npi || '|' || claim.account_number
    ) as claim_id,
    claim.billing_npi,
    claim.account_number,
    coalesce(claim.body ->> 'transaction', 'unknown') as transaction_type,
    coalesce(nullif(claim.body ->> 'payer_sequence', ''), 'P') as payer_sequence,
    claim.body ->> 'payer_id' as payer_id_billing,
    nullif(claim.body ->> 'payer_name', '') as payer_name_billing,
    coalesce(
        nullif(claim.body ->> 'rendering_npi', ''),
        nullif(claim.body ->> 'attending_npi', '')
    ) as provider_npi,
    claim.body ->> 'facility_code_value' as facility_type_code,
    nullif(claim.body ->> 'patient_status', '') as patient_status_code,
    coalesce(claim.body -> 'condition_codes' @> '["44"]', false)
        as is_changed_to_outpatient,
    coalesce(claim.body -> 'condition_codes' @> '["B4"]', false)
        as is_unrelated_stay,
    coalesce(nullif(claim.body ->> 'frequency_code', ''), '1') as frequency_code,
    case claim.body ->> 'frequency_code'
        when '2' then 'interim'
        when '3' then 'interim'
        when '4' then 'interim'
        when '5' then 'late'
        when '7' then 'replacement'
        when '8' then 'void'
        else 'original'
    end as submission_kind,
    nullif(claim.body ->> 'original_reference', '') as original_reference,
    claim.body ->> 'submission_reference' as submission_reference,
    claim.body #>> '{transaction_set,sender_id}' as sender_id,
    claim.body #>> '{transaction_set,receiver_id}' as receiver_id,
    claim.body #>> '{transaction_set,group_control_number}' as group_control_number,
    claim.body #>> '{transaction_set,set_control_number}' as set_control_number,
    lpad(nullif(claim.body ->> 'drg', ''), 3, '0') as ms_drg,
    -- What is submitted again says the same, whatever envelope it comes in.
    md5(
        (
            claim.body - array[
                'transaction_set',
                'submission_reference',
                'submission_date',
                'implementation',
                'findings',
                'lines'
            ]
        )::text || coalesce(line.said, '')
    ) as content_hash,
    -- The order at the sender, whatever the order of arrival.
    row_number() over (
        order by
            claim.submitted_date,
            {{ as_number(
                "(claim.body #>> '{transaction_set,interchange_control_number}')"
            ) }},
            {{ as_number(
                "(claim.body #>> '{transaction_set,group_control_number}')"
            ) }},
            claim.body #>> '{transaction_set,set_control_number}',
            {{ as_number("split_part(claim.resource_id, '|', -1)") }},
            claim.record_id
    ) as submission_rank,
    {{ as_amount("(claim.body ->> 'charge_amount')") }} as submitted_charge_amount,
    {{ as_date("(claim.body ->> 'statement_from')") }} as statement_from_date,
    {{ as_date("(claim.body ->> 'statement_through')") }} as statement_through_date,
    {{ as_date("(claim.body ->> 'admission_date')") }} as admission_date,
    claim.submitted_date,
    claim.received_at
from claim
left join lateral (
    select
        string_agg(
            (service.value - array['byte_offset', 'segment_number'])::text,
            '' order by service.ordinality
        ) as said
    from {{ numbered_elements("claim.body -> 'lines'") }} as service
) as line on true
