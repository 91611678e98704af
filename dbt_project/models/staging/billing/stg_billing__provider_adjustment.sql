with source as (
    {{ latest_record('raw_billing', '835.transaction') }}
)

select
    era.record_id,
    era.resource_id || '|' || plb.ordinality as provider_adjustment_id,
    era.resource_id as remittance_id,
    plb.ordinality as adjustment_position,
    coalesce(plb.value ->> 'reason_code', 'unknown') as reason_code,
    plb.value ->> 'reference' as reference_number,
    {{ as_date("(plb.value ->> 'fiscal_date')") }} as fiscal_date,
    {{ as_amount("(plb.value ->> 'amount')") }} as adjustment_amount,
    (plb.value ->> 'byte_offset')::bigint as byte_offset,
    (plb.value ->> 'segment_number')::integer as segment_number
from source as era
cross join lateral {{ numbered_elements("era.body -> 'provider_adjustments'") }} as plb
