{{ config(indexes=[{'columns': ['product_id_erp']}]) }}

-- A price that the ERP dates holds from its day on, whenever it was entered; one that
-- it only shows from when it was written. Of one day a variant's own goes before its
-- item's, and a dated one before what is shown. What is dated ahead begins on its day.
with told as (
    select
        product_id_erp,
        unit_cost,
        valid_from as begins_on,
        0 as precedence,
        record_id
    from {{ ref('stg_erp__cost_price') }}
    union all
    -- A price that is shown no longer leaves none.
    select
        product_id_erp,
        null as unit_cost,
        valid_to as begins_on,
        -1 as precedence,
        record_id
    from {{ ref('stg_erp__cost_price') }}
    where valid_to is not null
    union all
    select
        product.product_id_erp,
        revision.unit_cost,
        revision.first_date as begins_on,
        case when revision.product_id_erp is null then 1 else 2 end as precedence,
        revision.record_id
    from {{ ref('stg_erp__cost_price_revision') }} as revision
    inner join {{ ref('stg_erp__product') }} as product
        on
            revision.template_id_erp = product.template_id_erp
            and product.product_id_erp
            = coalesce(revision.product_id_erp, product.product_id_erp)
    where
        revision.unit_cost is not null
        and revision.first_date <= current_date
),

begun as (
    select distinct on (product_id_erp, begins_on)
        product_id_erp,
        begins_on,
        unit_cost
    from told
    order by
        product_id_erp asc,
        begins_on asc,
        precedence desc,
        record_id desc
)

select
    product_id_erp,
    unit_cost,
    begins_on as valid_from,
    lead(begins_on) over (partition by product_id_erp order by begins_on) as valid_to
from begun
