{{ config(indexes=[{'columns': ['item_code']}]) }}

with categorized as (
    select distinct on (link.template_id_erp)
        link.template_id_erp,
        category.product_category_code
    from {{ ref('stg_erp__product_template_category') }} as link
    inner join {{ ref('stg_erp__product_category') }} as category
        on link.product_category_id = category.product_category_id
    where category.product_category_code is not null
    order by
        link.template_id_erp asc,
        category.product_category_code in ('supply', 'implant', 'drug') desc,
        link.category_number asc
),

cost as (
    select
        product_id_erp,
        max(unit_cost) as unit_cost
    from {{ ref('stg_erp__cost_price') }}
    group by product_id_erp
)

select distinct on (product.item_code)
    product.record_id,
    product.product_id_erp as item_id_erp,
    product.item_code,
    shared.item_name,
    coalesce(categorized.product_category_code, 'unmapped') as item_category,
    shared.item_unit,
    coalesce(cost.unit_cost, 0)::numeric(18, 4) as unit_cost,
    coalesce(shared.is_stocked, true) as is_stocked,
    product.is_active and coalesce(shared.is_active, true) as is_active
from {{ ref('stg_erp__product') }} as product
left join {{ ref('stg_erp__product_template') }} as shared
    on product.template_id_erp = shared.template_id_erp
left join categorized on product.template_id_erp = categorized.template_id_erp
left join cost on product.product_id_erp = cost.product_id_erp
where product.item_code is not null
order by
    product.item_code asc,
    product.is_active and coalesce(shared.is_active, true) desc,
    product.record_id desc
