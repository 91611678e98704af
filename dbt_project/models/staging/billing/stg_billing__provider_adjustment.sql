with source as (
    {{ latest_record('raw_billing', '835.transaction') }}
)

select
    remit.record_id,
    remit.resource_id || '|' || plb.ordinality as provider_adjustment_id,
    remit.resource_id as remittance_id,
    plb.ordinality as adjustment_position,
    coalesce(plb.value ->> 'reason_code', 'unknown') as reason_code,
    plb.value ->> 'reference' as reference_number,
    {{ as_date("(plb.value ->> 'fiscal_date')") }} as fiscal_date,
    {{ as_amount("(plb.value ->> 'amount')") }} as adjustment_amount
from source as remit
cross join lateral {{ numbered_elements("remit.body -> 'provider_adjustments'") }} as plb
