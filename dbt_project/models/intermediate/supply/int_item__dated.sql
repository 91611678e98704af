{{ config(indexes=[{'columns': ['item_code']}]) }}

-- The days on which anything about an item number may change; between two of them all
-- that it is made of holds.
with boundary as (
    select distinct
        product.item_code,
        day.begins_on
    from {{ ref('stg_erp__product') }} as product
    left join {{ ref('stg_erp__product_template') }} as shared
        on product.template_id_erp = shared.template_id_erp
    left join {{ ref('int_cost_price__dated') }} as cost
        on product.product_id_erp = cost.product_id_erp
    cross join
        lateral unnest(array[
            product.valid_from, product.valid_to, shared.valid_from, shared.valid_to,
            cost.valid_from, cost.valid_to
        ]) as day (begins_on)
    where product.item_code is not null and day.begins_on is not null
),

categorized as (
    select distinct on (link.template_id_erp, link.valid_from)
        link.template_id_erp,
        link.valid_from,
        category.product_category_code
    from {{ ref('stg_erp__product_template_category') }} as link
    inner join {{ ref('stg_erp__product_category') }} as category
        on link.product_category_id = category.product_category_id
    where category.product_category_code is not null
    order by
        link.template_id_erp asc,
        link.valid_from asc,
        category.product_category_code in ('supply', 'implant', 'drug') desc,
        link.category_number asc
),

-- Of two items with one number the one that is offered, then the later one, as they
-- were on the day.
held as (
    select distinct on (boundary.item_code, boundary.begins_on)
        boundary.item_code,
        boundary.begins_on,
        product.record_id,
        product.product_id_erp,
        shared.item_name,
        coalesce(categorized.product_category_code, 'unmapped') as item_category,
        shared.item_unit,
        coalesce(cost.unit_cost, 0)::numeric(18, 4) as unit_cost,
        coalesce(shared.is_stocked, true) as is_stocked,
        product.is_active and coalesce(shared.is_active, true) as is_active
    from boundary
    left join {{ ref('stg_erp__product') }} as product
        on
            boundary.item_code = product.item_code
            and {{ holds_on('product', 'boundary.begins_on') | indent(12) }}
    left join {{ ref('stg_erp__product_template') }} as shared
        on
            product.template_id_erp = shared.template_id_erp
            and {{ holds_on('shared', 'boundary.begins_on') | indent(12) }}
    left join categorized
        on
            shared.template_id_erp = categorized.template_id_erp
            and shared.valid_from = categorized.valid_from
    left join {{ ref('int_cost_price__dated') }} as cost
        on
            product.product_id_erp = cost.product_id_erp
            and {{ holds_on('cost', 'boundary.begins_on') | indent(12) }}
    order by
        boundary.item_code asc,
        boundary.begins_on asc,
        product.is_active and coalesce(shared.is_active, true) desc nulls last,
        product.record_id desc nulls last,
        cost.unit_cost desc nulls last
),

compared as (
    select
        told.*,
        lag(told.said) over (
            partition by told.item_code order by told.begins_on
        ) as said_before
    from (
        select
            held.*,
            jsonb_build_array(
                held.product_id_erp, held.item_name, held.item_category,
                held.item_unit, held.unit_cost, held.is_stocked, held.is_active
            ) as said
        from held
    ) as told
),

changed as (
    select
        compared.*,
        lead(compared.begins_on) over (
            partition by compared.item_code order by compared.begins_on
        ) as valid_to
    from compared
    where compared.said is distinct from compared.said_before
)

select
    {{ version_key('item_code', 'begins_on') }} as item_key,
    record_id,
    product_id_erp as item_id_erp,
    item_code,
    item_name,
    item_category,
    item_unit,
    unit_cost,
    is_stocked,
    is_active,
    begins_on as valid_from,
    valid_to
from changed
-- From the day on which the last item with a number is gone, there is none.
where product_id_erp is not null
