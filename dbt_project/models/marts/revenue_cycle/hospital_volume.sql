{%- set changed = of_touched_days(['fct_encounter', 'fct_charge']) -%}
{{ config(materialized='kept', replaces=changed) }}

with measure as (
    select
        service_month,
        facility_code,
        count(*) as discharge_count,
        coalesce(sum(length_of_stay_days_count), 0) as patient_days_count,
        coalesce(sum(drg_weight), 0) as drg_weight_total,
        0.00 as gross_charge_amount,
        0.00 as inpatient_gross_amount
    from {{ within(ref('fct_encounter'), changed) }}
    where is_discharge
    group by service_month, facility_code
    union all
    select
        service_month,
        facility_code,
        0 as discharge_count,
        0 as patient_days_count,
        0 as drg_weight_total,
        sum(charge_amount) as gross_charge_amount,
        coalesce(sum(charge_amount) filter (where is_inpatient), 0.00)
            as inpatient_gross_amount
    from {{ within(ref('fct_charge'), changed) }}
    group by service_month, facility_code
),

total as (
    select
        service_month,
        facility_code,
        sum(discharge_count)::bigint as discharge_count,
        sum(patient_days_count)::bigint as patient_days_count,
        sum(drg_weight_total) as drg_weight_total,
        sum(gross_charge_amount) as gross_charge_amount,
        sum(inpatient_gross_amount) as inpatient_gross_amount
    from measure
    group by service_month, facility_code
)

select
    service_month,
    facility_code,
    discharge_count,
    patient_days_count,
    drg_weight_total,
    round(drg_weight_total / nullif(discharge_count, 0), 4) as cmi,
    gross_charge_amount,
    inpatient_gross_amount,
    {%- for measure in ['discharge_count', 'patient_days_count', 'drg_weight_total'] %}
    round(
        {{ measure }} * gross_charge_amount / nullif(inpatient_gross_amount, 0), 4
    ) as adjusted_{{ measure }},
    {%- endfor %}
    round(gross_charge_amount / nullif(inpatient_gross_amount, 0), 6)
        as outpatient_factor_rate
from total
