-- name: claims
-- What claims submit, by claim form: all that a payer was asked for.
select record_id, facility_code,
    to_char(coalesce(statement_from_date, submitted_date), 'YYYY-MM') as period,
    'claims' as subject, 'USD' as unit,
    sum(gross_charge_amount + unlined_charge_amount) as amount
from conformed.fct_claim_submission
group by 1, 2, 3

-- name: told_claims
select record_id, resource_id, received_at, 'claims' as subject, 'USD' as unit,
    (body ->> 'charge_amount')::numeric as amount
from raw_billing.current_record
where resource_type = '837.claim'

-- name: payments
-- What payers paid; a predetermination is no payment.
select record_id, facility_code, to_char(payment_date, 'YYYY-MM') as period,
    'payments' as subject, 'USD' as unit, sum(paid_amount) as amount
from conformed.fct_payment
group by 1, 2, 3

-- name: told_payments
select record_id, resource_id, received_at, 'payments' as subject, 'USD' as unit,
    (body ->> 'paid_amount')::numeric as amount
from raw_billing.current_record
where resource_type = '835.claim' and coalesce(body ->> 'status_code', '') <> '25'

-- name: usage
-- What was used, by item as the warehouse calls it.
select record_id, facility_code, to_char(usage_date, 'YYYY-MM') as period,
    'usage|' || item_code as subject, 'u' as unit, sum(quantity) as amount
from conformed.fct_supply_usage
group by 1, 2, 3, 4

-- name: told_usage
select record_id, resource_id, received_at,
    'usage|' || coalesce(
        body -> 'suppliedItem' -> 'itemCodeableConcept' -> 'coding' -> 0 ->> 'code', ''
    ) as subject,
    'u' as unit,
    case
        when jsonb_typeof(body -> 'suppliedItem' -> 'quantity' -> 'value') = 'number'
            then (body -> 'suppliedItem' -> 'quantity' ->> 'value')::numeric(18, 4)
        else 0
    end as amount
from raw_ehr.current_record
where
    resource_type = 'SupplyDelivery'
    and coalesce(body ->> 'status', 'completed') = 'completed'

-- name: compared
-- Record by record. In flight is what landed after the newest record that readers see,
-- and what such a record displaced; a record that the source took back is so until the
-- next publication. A facility that is held stays as it was: a record that no fact names
-- may be one of its own.
with known as (
    {known}
),

told as (
    {told}
),

seen as (
    select max(known.record_id) as record_id from known
),

held as (
    select coalesce(max(held_facilities), '{{}}') as facilities
    from ops.publication
    where publication_id = (select max(publication_id) from ops.publication)
),

-- Few: what readers see and its source shows no longer.
gone as materialized (
    select known.record_id
    from known
    where not exists (select from told where told.record_id = known.record_id)
),

displaced as (
    select former.record_id
    from gone
    inner join {zone}.record as former on gone.record_id = former.record_id
    cross join seen
    where not exists (
        select from told as newer
        where newer.resource_id = former.resource_id and newer.record_id <= seen.record_id
    )
),

joined as (
    select
        coalesce(known.facility_code, '') as facility_code,
        coalesce(known.period, to_char(told.received_at, 'YYYY-MM')) as period,
        coalesce(known.subject, told.subject) as subject,
        coalesce(known.unit, told.unit) as unit,
        coalesce(told.amount, 0) as landed,
        coalesce(known.amount, 0) as conformed,
        case
            when known.record_id is null
                and (told.record_id > coalesce(seen.record_id, 0) or held.facilities <> '{{}}')
                then told.amount
            when told.record_id is null
                and (displaced.record_id is not null or known.facility_code = any(held.facilities))
                then -known.amount
            else 0
        end as in_flight
    from told
    full join known on told.record_id = known.record_id
    cross join seen
    cross join held
    left join displaced on known.record_id = displaced.record_id
)

select
    facility_code, period, subject, unit,
    sum(landed) as landed, sum(conformed) as conformed, sum(in_flight) as in_flight
from joined
group by facility_code, period, subject, unit
