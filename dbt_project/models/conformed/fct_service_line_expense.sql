{%- set changed = of_touched_days([
    'fct_encounter_cost', 'int_account_cost__pooled',
]) -%}
{{ config(materialized='kept', replaces=changed) }}
{%- set pool = 'service_month, facility_code, cost_center_code, cost_component' -%}

-- What an account put into a pool is in the cost of each service line as the pool is.
with cost as (
    select
        service_month,
        facility_code,
        case when cost_component <> 'overhead' then cost_center_code else '' end
            as cost_center_code,
        cost_component,
        service_line_code,
        cost_amount * 100 as cents
    from {{ within(ref('fct_encounter_cost'), changed) }}
    where cost_method <> 'actual'
),

line as (
    select
        summed.*,
        sum(summed.cents) over in_order as through_cents,
        sum(summed.cents) over in_order - summed.cents as earlier_cents
    from (
        select
            {{ pool }},
            service_line_code,
            sum(cents) as cents
        from cost
        group by {{ pool }}, service_line_code
    ) as summed
    window in_order as (
        partition by {{ pool }}
        order by {{ in_c_order('summed.service_line_code') }}
    )
),

-- With lines on both sides of zero, accounts weigh by their size.
pool as (
    select
        {{ pool }},
        sum(cents) as cents,
        sum(cents) = 0 or (min(cents) < 0 and max(cents) > 0) as is_mixed
    from line
    group by {{ pool }}
),

weighed as (
    select
        met.*,
        sum(met.weight) over in_order as through_weight,
        sum(met.weight) over in_order - met.weight as earlier_weight,
        nullif(sum(met.weight) over (partition by {{ pool }}), 0) as total
    from (
        select
            account.*,
            coalesce(pool.cents, 0) as pool_cents,
            case
                when pool.is_mixed then greatest(abs(account.cost_cents), 1)
                else account.cost_cents
            end as weight
        from {{ within(ref('int_account_cost__pooled'), changed, 'account') }}
        left join pool
            on
                account.service_month = pool.service_month
                and account.facility_code = pool.facility_code
                and account.cost_center_code = pool.cost_center_code
                and account.cost_component = pool.cost_component
    ) as met
    window in_order as (
        partition by {{ pool }} order by {{ in_c_order('met.account_code') }}
    )
),

-- Differences of rounded running sums: whole cents, which add up to the cost of every
-- line and to every account. What an account has against its pool is in no line's cost.
shared as (
    select
        weighed.service_month,
        weighed.facility_code,
        line.service_line_code,
        weighed.cost_component,
        weighed.account_code,
        round(line.through_cents * weighed.through_weight / weighed.total)
        - round(line.earlier_cents * weighed.through_weight / weighed.total)
        - round(line.through_cents * weighed.earlier_weight / weighed.total)
        + round(line.earlier_cents * weighed.earlier_weight / weighed.total) as cents
    from weighed
    inner join line
        on
            weighed.service_month = line.service_month
            and weighed.facility_code = line.facility_code
            and weighed.cost_center_code = line.cost_center_code
            and weighed.cost_component = line.cost_component
    union all
    select
        service_month,
        facility_code,
        'unallocated' as service_line_code,
        cost_component,
        account_code,
        cost_cents
        - coalesce(round(pool_cents * through_weight / total), 0)
        + coalesce(round(pool_cents * earlier_weight / total), 0) as cents
    from weighed
)

select
    service_month,
    facility_code,
    service_line_code,
    cost_component,
    account_code,
    round(sum(cents) / 100, 2) as cost_amount
from shared
group by
    service_month, facility_code, service_line_code, cost_component, account_code
having sum(cents) <> 0
