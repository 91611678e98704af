-- How much landed and is current, by the names that row floors use.
with submission as (
    select
        body,
        coalesce(
            body ->> 'claim_id',
            concat_ws('|', body ->> 'billing_npi', body ->> 'account_number')
        ) as claim_id,
        case
            when jsonb_typeof(body -> 'lines') = 'array'
                then jsonb_array_length(body -> 'lines')
            else 0
        end as line_count
    from raw_billing.current_record
    where resource_type = '837.claim'
),

-- Root claims begin with a bill; a replacement or void (7, 8) continues one.
claim as (
    select
        claim_id,
        count(*) as submission_count,
        sum(line_count) as line_count
    from submission
    group by claim_id
    having bool_or(coalesce(body ->> 'frequency_code', '1') not in ('7', '8'))
),

-- Whatever names a claim in a rejection, rightly or not, takes it out of the floor.
rejected as (
    select body ->> 'claim_id' as claim_id
    from raw_billing.current_record
    where
        resource_type = '277CA.claim'
        and (
            body @? '$.statuses[*] ? (@.category_code like_regex "^A[3-8]|^[^A]")'
            or body @? '$.lines[*].statuses[*]
                ? (@.category_code like_regex "^A[3-8]|^[^A]")'
        )
    union
    select submission.claim_id
    from raw_billing.current_record as answer
    inner join submission
        on
            answer.body ->> 'group_control_number'
            = submission.body #>> '{transaction_set,group_control_number}'
    where
        answer.resource_type = '999.group'
        and answer.body ->> 'accept_code' <> 'A'
),

transaction as (
    select
        case
            when jsonb_typeof(body -> 'provider_adjustments') = 'array'
                then jsonb_array_length(body -> 'provider_adjustments')
            else 0
        end as adjustment_count
    from raw_billing.current_record
    where resource_type = '835.transaction'
),

total as (
    select
        (select count(*) from submission) as submissions,
        (select count(*) from claim) as claims,
        (
            select coalesce(sum(line_count), 0)
            from claim
            where
                submission_count = 1
                and claim_id not in (
                    select claim_id from rejected where claim_id is not null
                )
        ) as charges,
        (
            select count(*) from raw_billing.current_record
            where
                resource_type = '835.claim'
                and coalesce(body ->> 'status_code', '') <> '25'
        ) as payments,
        (select coalesce(sum(adjustment_count), 0) from transaction)
            as provider_adjustments,
        (
            select count(*) from raw_ehr.current_record
            where resource_type = 'Encounter'
        ) as encounters,
        (
            select count(*) from raw_ehr.current_record
            where resource_type = 'Patient'
        ) as patients,
        (
            select count(*) from raw_ehr.current_record
            where
                resource_type = 'SupplyDelivery'
                and coalesce(body ->> 'status', 'completed') = 'completed'
        ) as supply_usages,
        (
            select count(*) from raw_erp.current_record
            where
                resource_type = 'account.move.line'
                and coalesce(
                    body #>> '{move,state}', body ->> 'move.state', 'posted'
                ) = 'posted'
        ) as ledger_lines,
        (
            select count(*) from raw_erp.current_record
            where resource_type = 'stock.balance'
        ) as stock_balances,
        (
            select count(*) from raw_erp.current_record
            where resource_type like 'party.party%'
        ) as suppliers,
        (
            select count(*) from raw_ehr.current_record
            where resource_type = 'Practitioner'
        ) as providers
)

select
    submissions,
    claims,
    charges,
    payments,
    provider_adjustments,
    encounters,
    supply_usages,
    ledger_lines,
    least(patients, 1) as any_patients,
    least(providers, 1) as any_providers,
    least(suppliers, 1) as any_suppliers,
    least(stock_balances, 1) as any_stock_balances,
    least(supply_usages, 1) as any_supply_usages,
    least(encounters + claims, 1) as any_encounters_or_claims,
    1 as one,
    0 as none
from total
