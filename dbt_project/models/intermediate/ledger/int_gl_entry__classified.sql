{{ config(indexes=[{'columns': ['account_class']}]) }}

with analytic as (
    select
        move_line_id,
        cost_object_code,
        coalesce(axis_code, '') as axis_code,
        amount
    from {{ ref('stg_erp__analytic_line') }}
),

cost_center_part as (
    select
        move_line_id,
        cost_object_code as cost_center_code,
        sum(amount) as amount
    from analytic
    -- The cost-center axis is the one that holds the cost centers we know.
    where
        axis_code in (
            select known.axis_code
            from analytic as known
            inner join {{ ref('stg_reference__cost_center') }} as cost_center
                on known.cost_object_code = cost_center.cost_center_code
        )
    group by move_line_id, cost_object_code
),

assigned as (
    select
        move_line_id,
        sum(amount) as amount,
        count(*) as part_count
    from cost_center_part
    group by move_line_id
),

service_line_part as (
    select
        analytic.move_line_id,
        case
            when count(distinct service_line.service_line_code) = 1
                then min(service_line.service_line_code)
            else 'multiple'
        end as service_line_code
    from analytic
    inner join {{ ref('service_line') }} as service_line
        on analytic.cost_object_code = service_line.service_line_code
    group by analytic.move_line_id
),

line as (
    select
        move_line.*,
        coalesce(assigned.amount, 0) as assigned_amount,
        coalesce(assigned.part_count, 0) as part_count
    from {{ ref('int_move_line__attributed') }} as move_line
    left join assigned on move_line.move_line_id = assigned.move_line_id
),

entry as (
    select
        line.*,
        cost_center_part.cost_center_code as cost_center_code_erp,
        cost_center_part.amount as entry_amount
    from line
    inner join cost_center_part on line.move_line_id = cost_center_part.move_line_id
    union all
    select
        line.*,
        null as cost_center_code_erp,
        line.amount - line.assigned_amount as entry_amount
    from line
    where line.part_count = 0 or line.amount <> line.assigned_amount
)

select
    entry.record_id,
    entry.move_line_id || '|' || coalesce(entry.cost_center_code_erp, '')
        as gl_entry_id,
    entry.move_line_id,
    entry.move_number,
    entry.external_reference,
    entry.period_name,
    entry.account_code,
    coalesce(account.account_class, 'unmapped') as account_class,
    coalesce(account.account_code, 'unmapped') as mapped_account_code,
    case
        when entry.cost_center_code_erp is null then entry.document_facility_code
        else coalesce(cost_center.facility_code, 'unmapped')
    end as facility_code,
    case
        when entry.cost_center_code_erp is null then null
        else coalesce(cost_center.cost_center_code, 'unmapped')
    end as cost_center_code,
    service_line_part.service_line_code,
    entry.entry_amount as amount,
    entry.posting_date,
    {{ month_of('entry.posting_date') }} as posting_month,
    entry.origin_month
from entry
-- A code that the crosswalk does not name means itself.
left join {{ ref('stg_reference__account') }} as account
    on
        coalesce(
            nullif({{ crosswalked(
                'account', 'erp', 'entry.account_code', 'entry.posting_date'
            ) | indent(12) }}, 'unmapped'),
            entry.account_code
        ) = account.account_code
left join {{ ref('stg_reference__cost_center') }} as cost_center
    on
        coalesce(
            nullif({{ crosswalked(
                'cost_center', 'erp', 'entry.cost_center_code_erp', 'entry.posting_date'
            ) | indent(12) }}, 'unmapped'),
            entry.cost_center_code_erp
        ) = cost_center.cost_center_code
        and {{ holds_on('cost_center', 'entry.posting_date') | indent(8) }}
left join service_line_part on entry.move_line_id = service_line_part.move_line_id
