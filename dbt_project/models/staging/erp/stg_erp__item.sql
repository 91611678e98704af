{{ config(indexes=[{'columns': ['item_code']}]) }}

with source as (
    {{ latest_record('raw_erp', 'product.product') }}
),

item as (
    select distinct on ({{ erp_field('code') }})
        record_id,
        resource_id,
        body
    from source
    where {{ erp_field('code') }} is not null
    order by {{ erp_field('code') }} asc, received_at desc, record_id desc
)

select
    record_id,
    resource_id as item_id_erp,
    {{ erp_field('code') }} as item_code,
    coalesce({{ erp_field('name') }}, {{ erp_field('template.name') }}) as item_name,
    coalesce(
        (
            select category.value ->> 'code'
            from {{ numbered_elements("body #> '{template,categories}'") }} as category
            order by
                category.value ->> 'code' in ('supply', 'implant', 'drug') desc,
                category.ordinality asc
            limit 1
        ),
        'unmapped'
    ) as item_category,
    coalesce(
        {{ erp_field('default_uom.symbol') }},
        {{ erp_field('template.default_uom.symbol') }}
    ) as item_unit,
    coalesce({{ as_number(erp_field('cost_price')) }}, 0)::numeric(18, 4) as unit_cost
from item
