-- How much landed and is current, by the names that row floors use.
with claim as (
    select distinct on (claim_id)
        claim_id,
        line_count
    from (
        select
            record_id,
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
    ) as landed
    order by claim_id, record_id desc
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
        (select count(*) from claim) as claims,
        (select coalesce(sum(line_count), 0) from claim) as charges,
        (
            select count(*) from raw_billing.current_record
            where resource_type = '835.claim'
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
