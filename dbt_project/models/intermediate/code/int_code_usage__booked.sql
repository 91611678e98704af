-- The codes by which the ERP names account, cost center, item and supplier. Of ledger
-- entries debits and credits are added up: what an account moved, not its balance.
with account as (
    select
        account_code,
        max(account_name) as account_name
    from {{ ref('stg_erp__account') }}
    group by account_code
),

entry as (
    select
        classified.*,
        substr(classified.gl_entry_id, length(classified.move_line_id) + 2)
            as cost_center_code_erp,
        account.account_name
    from {{ ref('int_gl_entry__classified') }} as classified
    left join account on classified.account_code = account.account_code
),

bought as (
    select
        line.record_id,
        line.item_code,
        purchase.supplier_code,
        coalesce(purchase.order_date, line.delivery_date, current_date) as usage_date,
        round(
            coalesce(line.ordered_quantity * line.unit_price, 0), 2
        ) as usage_amount
    from {{ ref('stg_erp__purchase_order_line') }} as line
    left join {{ ref('stg_erp__purchase_order') }} as purchase
        on line.purchase_order_id_erp = purchase.purchase_order_id_erp
),

supplier as (
    select distinct supplier_code
    from {{ ref('stg_erp__supplier') }}
    where valid_to is null
),

named as (
    select
        entry.record_id,
        'account' as code_set,
        entry.account_code as native_code,
        entry.account_name as native_name,
        coalesce(
            nullif({{ crosswalked(
                'account', 'erp', 'entry.account_code', 'entry.posting_date'
            ) | indent(12) }}, 'unmapped'),
            case when entry.account_class <> 'unmapped' then entry.account_code end,
            'unmapped'
        ) as canonical_code,
        entry.posting_date as usage_date,
        'ledger_entry' as record_kind,
        abs(entry.amount) as usage_amount
    from entry
    union all
    select
        record_id,
        'cost_center' as code_set,
        nullif(cost_center_code_erp, '') as native_code,
        null as native_name,
        cost_center_code as canonical_code,
        posting_date as usage_date,
        'ledger_entry' as record_kind,
        abs(amount) as usage_amount
    from entry
    union all
    select
        bought.record_id,
        'item' as code_set,
        bought.item_code as native_code,
        null as native_name,
        coalesce(item.item_code, 'unmapped') as canonical_code,
        bought.usage_date,
        'purchase' as record_kind,
        bought.usage_amount
    from bought
    left join {{ ref('int_item__assembled') }} as item
        on bought.item_code = item.item_code
    union all
    select
        bought.record_id,
        'supplier' as code_set,
        bought.supplier_code as native_code,
        null as native_name,
        coalesce(
            nullif({{ crosswalked(
                'supplier', 'erp', 'bought.supplier_code', 'bought.usage_date'
            ) | indent(12) }}, 'unmapped'),
            supplier.supplier_code,
            'unmapped'
        ) as canonical_code,
        bought.usage_date,
        'purchase' as record_kind,
        bought.usage_amount
    from bought
    left join supplier on bought.supplier_code = supplier.supplier_code
),

booked as (
    select
        named.*,
        'erp' as source_system,
        '*' as facility_code
    from named
)

{{ code_usage('booked') }}
