{{ config(indexes=[{'columns': ['facility_code_ehr', 'visit_number']}]) }}

with source as (
    {{ latest_record('raw_ehr', 'DFT') }}
),

-- A time without an offset has that of the message, as HL7 rules.
posted as (
    select
        source.record_id,
        source.resource_id,
        source.received_at,
        (source.body ->> 'event_at')
        || case
            when source.body ->> 'event_at' ~ 'T[0-9:.]+$'
                then coalesce(
                    substring(
                        source.body ->> 'message_at' from 'T[0-9:.]+([+-][0-9:]+)$'
                    ),
                    ''
                )
            else ''
        end as event_at,
        source.body,
        financial.ordinality as transaction_position,
        financial.value as charge,
        coalesce({{ as_number("(financial.value ->> 'quantity')") }}, 1)
            as quantity,
        {{ as_number("(financial.value ->> 'extended_amount')") }}
            as extended_amount,
        {{ as_number("(financial.value ->> 'unit_amount')") }} as unit_amount
    from source
    cross join lateral {{
        numbered_elements("source.body -> 'transactions'")
    }} as financial
)

select
    record_id,
    transaction_position,
    coalesce(body ->> 'sending_facility', 'unmapped') as facility_code_ehr,
    nullif(charge ->> 'transaction_id', '') as transaction_id,
    body #>> '{patient,account_number}' as account_number,
    body #>> '{visit,visit_number}' as visit_number,
    coalesce(charge ->> 'type', 'unknown') as transaction_type,
    charge ->> 'department' as department_code_ehr,
    lpad(nullif(charge ->> 'revenue_code', ''), 4, '0') as revenue_code,
    nullif(charge ->> 'procedure_code', '') as procedure_code,
    -- The order of events at the sender, whatever the order of arrival.
    row_number() over (
        order by
            coalesce(
                {{ as_timestamp("event_at") }},
                {{ as_timestamp("(body ->> 'message_at')") }},
                received_at
            ),
            {{ as_timestamp("(body ->> 'message_at')") }},
            {{ as_number("(body ->> 'sequence')") }},
            body ->> 'control_id' collate "C",
            resource_id collate "C",
            transaction_position
    ) as posting_rank,
    coalesce(extended_amount, unit_amount * quantity, 0)::numeric(18, 2)
        as charge_amount,
    quantity::numeric(18, 4) as service_quantity,
    coalesce(
        {{ as_date("(charge ->> 'date')") }},
        {{ as_date("(charge ->> 'posting_date')") }},
        {{ as_date("(body ->> 'message_at')") }},
        {{ system_day('received_at') }}
    ) as service_date,
    coalesce(
        {{ as_date("(charge ->> 'posting_date')") }},
        {{ as_date("event_at") }},
        {{ as_date("(body ->> 'message_at')") }},
        {{ system_day('received_at') }}
    ) as posted_date
from posted
