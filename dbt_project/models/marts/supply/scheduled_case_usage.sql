-- What a case on the schedule will use, told from the cases of the year before the week
-- and nothing else. A surgeon's few cases lean on those of the procedure at the store,
-- these on those of the procedure anywhere. A case without any supply teaches nothing.
with done as (
    select
        planned.week_number,
        planned.procedure_code,
        surgery.surgical_case_id,
        surgery.provider_id,
        min(used.stock_location_code) as stock_location_code
    from (
        select distinct
            week_number,
            week_start_date,
            procedure_code
        from {{ ref('weekly_schedule') }}
    ) as planned
    inner join {{ ref('fct_surgical_case') }} as surgery
        on
            planned.procedure_code = surgery.procedure_code
            and planned.week_start_date > surgery.case_date
            and planned.week_start_date - 365 <= surgery.case_date
    inner join {{ ref('fct_surgical_case_supply') }} as used
        on surgery.surgical_case_id = used.surgical_case_id
    group by
        planned.week_number, planned.procedure_code, surgery.surgical_case_id,
        surgery.provider_id
),

compared as (
    select
        planned.week_number,
        planned.scheduled_case_id,
        done.surgical_case_id,
        done.stock_location_code = planned.stock_location_code as is_of_store,
        coalesce(
            done.stock_location_code = planned.stock_location_code
            and done.provider_id = planned.provider_id,
            false
        ) as is_own
    from {{ ref('weekly_schedule') }} as planned
    inner join done
        on
            planned.week_number = done.week_number
            and planned.procedure_code = done.procedure_code
),

counted as (
    select
        week_number,
        scheduled_case_id,
        count(*) as all_cases,
        count(*) filter (where is_of_store) as store_cases,
        count(*) filter (where is_own) as own_cases
    from compared
    group by week_number, scheduled_case_id
),

used as (
    select
        compared.week_number,
        compared.scheduled_case_id,
        supply.item_code,
        sum(supply.quantity) as all_quantity,
        coalesce(sum(supply.quantity) filter (where compared.is_of_store), 0)
            as store_quantity,
        coalesce(sum(supply.quantity) filter (where compared.is_own), 0)
            as own_quantity
    from compared
    inner join {{ ref('fct_surgical_case_supply') }} as supply
        on compared.surgical_case_id = supply.surgical_case_id
    group by compared.week_number, compared.scheduled_case_id, supply.item_code
),

-- Read once: the planner expects one row of what is used, and would read every week of
-- demand for each.
series as materialized (
    select *
    from {{ ref('weekly_demand') }}
    where week_number = 1
)

select
    planned.week_number,
    planned.scheduled_case_id,
    planned.facility_code,
    planned.stock_location_code,
    used.item_code,
    planned.procedure_code,
    planned.provider_id,
    planned.week_start_date,
    planned.case_date,
    planned.is_in_week,
    counted.own_cases as own_cases_count,
    counted.store_cases as store_cases_count,
    counted.all_cases as all_cases_count,
    round(
        {{ leaning(
            'used.own_quantity', 'counted.own_cases',
            leaning(
                'used.store_quantity', 'counted.store_cases',
                'used.all_quantity / counted.all_cases'
            )
        ) | indent(8) }},
        4
    ) as expected_quantity
from used
inner join counted
    on
        used.week_number = counted.week_number
        and used.scheduled_case_id = counted.scheduled_case_id
inner join {{ ref('weekly_schedule') }} as planned
    on
        used.week_number = planned.week_number
        and used.scheduled_case_id = planned.scheduled_case_id
inner join series
    on
        planned.facility_code = series.facility_code
        and planned.stock_location_code = series.stock_location_code
        and used.item_code = series.item_code
