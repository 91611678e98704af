with arrived as (
    select
        case when departure.stock_location_type = 'supplier' then 1 else -1 end
        * moved.moved_quantity as received_quantity
    from {{ ref('stg_erp__stock_move') }} as moved
    left join {{ ref('stg_erp__stock_location') }} as departure
        on moved.from_location_id_erp = departure.stock_location_id_erp
    left join {{ ref('stg_erp__stock_location') }} as destination
        on moved.to_location_id_erp = destination.stock_location_id_erp
    where
        moved.stock_move_state = 'done'
        and (
            coalesce(departure.stock_location_type = 'supplier', false)
            <> coalesce(destination.stock_location_type = 'supplier', false)
        )
),

ordered as (
    select line.ordered_quantity
    from {{ ref('stg_erp__purchase_order_line') }} as line
    where
        not exists (
            select 1
            from {{ ref('stg_erp__purchase_order') }} as unbound
            where
                unbound.purchase_order_id_erp = line.purchase_order_id_erp
                and unbound.purchase_order_state in ('draft', 'quotation', 'cancelled')
        )
),

compared as (
    select
        'ordered' as measure_name,
        {{ total_of('ordered_quantity', 'ordered') | indent(8) }} as staging_quantity,
        {{ total_of(
            'ordered_quantity', ref('fct_purchase_order_line')
        ) | indent(8) }} as conformed_quantity
    union all
    select
        'received' as measure_name,
        {{ total_of('received_quantity', 'arrived') | indent(8) }} as staging_quantity,
        {{ total_of(
            'received_quantity', ref('fct_receipt')
        ) | indent(8) }} as conformed_quantity
)

select *
from compared
where staging_quantity <> conformed_quantity
