{%- set changed = of_touched_months(['fct_charge']) -%}
{{ config(materialized='kept', replaces=changed) }}

select
    service_month,
    coalesce(facility_code, '*') as facility_code,
    count(posted_date) as posted_charge_count,
    percentile_disc(0.5) within group (order by posted_date - service_date)
        as median_lag_days_count,
    percentile_disc(0.9) within group (order by posted_date - service_date)
        as p90_lag_days_count,
    sum(charge_amount * (posted_date - service_date)) as lag_dollar_days_amount,
    sum(charge_amount) filter (where posted_date is not null) as posted_charge_amount,
    coalesce(sum(charge_amount) filter (where is_late), 0.00) as late_charge_amount,
    sum(charge_amount) as gross_charge_amount
from {{ within(ref('fct_charge'), changed) }}
group by grouping sets ((service_month, facility_code), (service_month))
