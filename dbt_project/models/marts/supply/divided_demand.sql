-- Demand in two parts: what the cases that were on the schedule when the week began
-- used, and the rest. A case is one of them if it was booked for its day, procedure and
-- surgeon.
with booked as (
    select
        week_number,
        week_start_date,
        facility_code,
        procedure_code,
        provider_id,
        case_date,
        count(*) as booked_count
    from {{ ref('weekly_schedule') }}
    where is_in_week
    group by
        week_number, week_start_date, facility_code, procedure_code, provider_id,
        case_date
),

done as (
    select
        *,
        row_number() over (
            partition by facility_code, procedure_code, provider_id, case_date
            order by surgical_case_id
        ) as case_number
    from {{ ref('fct_surgical_case') }}
),

used as (
    select
        booked.week_number,
        supply.stock_location_code,
        supply.item_code,
        sum(supply.quantity) as quantity
    from booked
    inner join done
        on
            booked.facility_code = done.facility_code
            and booked.procedure_code = done.procedure_code
            and booked.provider_id is not distinct from done.provider_id
            and booked.case_date = done.case_date
            and booked.booked_count >= done.case_number
    inner join {{ ref('fct_surgical_case_supply') }} as supply
        on
            done.surgical_case_id = supply.surgical_case_id
            and booked.week_start_date <= supply.usage_date
            and booked.week_start_date + 7 > supply.usage_date
    group by booked.week_number, supply.stock_location_code, supply.item_code
),

divided as (
    select
        series.facility_code,
        series.stock_location_code,
        series.item_code,
        part.demand_part,
        series.week_number,
        series.week_start_date,
        series.is_training,
        series.is_censored,
        part.demand_quantity
    from {{ ref('weekly_demand') }} as series
    left join used
        on
            series.stock_location_code = used.stock_location_code
            and series.item_code = used.item_code
            and series.week_number = used.week_number
    cross join
        lateral (
            values
            ('all', series.demand_quantity),
            ('scheduled', coalesce(used.quantity, 0)),
            ('rest', series.demand_quantity - coalesce(used.quantity, 0))
        ) as part (demand_part, demand_quantity)
)

select
    *,
    avg(
        case when is_training then (demand_quantity > 0)::integer end
    ) over series as initial_rate,
    coalesce(
        avg(
            case when is_training and demand_quantity > 0 then demand_quantity end
        ) over series,
        0
    ) as initial_quantity
from divided
window series as (
    partition by facility_code, stock_location_code, item_code, demand_part
)
