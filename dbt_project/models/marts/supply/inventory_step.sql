-- The ledger has stock at the prices of its days; the ERP shows it at today's. Both as
-- if all that was used were posted and issued: that is only late, and never a
-- difference. A price that rises makes what is there dearer, and no entry says so
-- unless the ERP revalues, which is then in its ledger.
with opened as (
    select
        min(posting_date) as opening_date,
        sum(gl_amount) as ledger_amount,
        sum(gl_amount) filter (where external_reference is not null) as posted_amount
    from {{ ref('fct_gl_entry') }}
    where account_class = 'inventory'
),

told as (
    select
        item_code,
        on_hand_quantity as quantity
    from {{ ref('fct_inventory_balance') }}
    union all
    select
        item_code,
        -unissued_quantity as quantity
    from {{ ref('fct_unissued_usage') }}
    where stock_location_code <> 'unmapped'
),

stocked as (
    select
        item_code,
        sum(quantity) as quantity
    from told
    group by item_code
),

repriced as (
    select
        item_code,
        valid_from,
        unit_cost - lag(unit_cost) over (
            partition by item_code order by valid_from
        ) as rise_amount
    from {{ ref('dim_item') }}
),

-- What was there when the price changed: what is there, and what was used since.
revalued as (
    select
        repriced.rise_amount,
        stocked.quantity + coalesce(sum(usage.quantity), 0) as quantity
    from repriced
    inner join opened on repriced.valid_from > opened.opening_date
    inner join stocked on repriced.item_code = stocked.item_code
    left join {{ ref('fct_supply_usage') }} as usage
        on
            repriced.item_code = usage.item_code
            and repriced.valid_from <= usage.usage_date
            and usage.stock_location_code <> 'unmapped'
    where repriced.rise_amount <> 0
    group by
        repriced.item_code, repriced.valid_from, repriced.rise_amount, stocked.quantity
),

step as (
    select
        1 as step_number,
        'ledger' as step_name,
        ledger_amount as step_amount
    from opened
    union all
    select
        2 as step_number,
        'usage_not_posted' as step_name,
        -posted_amount as step_amount
    from opened
    union all
    select
        2 as step_number,
        'usage_not_posted' as step_name,
        -supply_cost as step_amount
    from {{ ref('fct_supply_usage') }}
    union all
    select
        3 as step_number,
        'price_change' as step_name,
        round(sum(rise_amount * quantity), 2) as step_amount
    from revalued
    union all
    select
        5 as step_number,
        'stock_at_price' as step_name,
        round(sum(stocked.quantity * item.unit_cost), 2) as step_amount
    from stocked
    inner join {{ ref('dim_item') }} as item
        on stocked.item_code = item.item_code and item.is_current
)

select
    step_number,
    step_name,
    coalesce(sum(step_amount), 0)::numeric(18, 2) as step_amount
from step
group by step_number, step_name
union all
select
    4 as step_number,
    'difference' as step_name,
    coalesce(
        sum(case step_number when 5 then step_amount else -step_amount end), 0
    )::numeric(18, 2) as step_amount
from step
