{#- What each store holds of an item, over its lots. -#}
{% macro on_hand() -%}
(
    select
        stock_location_code,
        item_code,
        sum(on_hand_quantity) as on_hand_quantity,
        sum(inventory_amount) as on_hand_amount
    from {{ ref('fct_inventory_balance') }}
    group by stock_location_code, item_code
)
{%- endmacro %}
