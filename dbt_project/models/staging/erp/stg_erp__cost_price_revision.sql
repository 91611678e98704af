with source as (
    {{ latest_record('raw_erp', 'product.cost_price.revision') }}
)

select
    record_id,
    resource_id as cost_price_revision_id,
    {{ erp_field('product.id') }} as product_id_erp,
    {{ erp_field('template.id') }} as template_id_erp,
    {{ as_number(erp_field('cost_price')) }}::numeric(18, 4) as unit_cost,
    {{ as_date(erp_field('date')) }} as first_date
from source
