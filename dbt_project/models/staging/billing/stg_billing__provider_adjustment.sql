with source as (
    {{ latest_record('raw_billing', '835.transaction') }}
)

select
    source.record_id,
    source.resource_id || '|' || adjustment.position as provider_adjustment_id,
    source.resource_id as remittance_id,
    adjustment.position as adjustment_position,
    coalesce(adjustment.element ->> 'reason_code', 'unknown') as reason_code,
    adjustment.element ->> 'reference' as reference_number,
    {{ as_date("(adjustment.element ->> 'fiscal_date')") }} as fiscal_date,
    {{ as_amount("(adjustment.element ->> 'amount')") }} as adjustment_amount
from source
cross join lateral jsonb_array_elements(
    {{ items("source.body -> 'provider_adjustments'") }}
) with ordinality as adjustment (element, position)
