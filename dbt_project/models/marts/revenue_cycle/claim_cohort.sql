select
    first_submitted_date,
    facility_code,
    submitted_month,
    (select max(metric.as_of_date) from {{ ref('dim_metric') }} as metric)
    - first_submitted_date as age_days_count,
    count(*) as claim_count,
    count(*) filter (where is_accepted) as accepted_claim_count,
    count(*) filter (where is_clean) as clean_claim_count,
    count(*) filter (where is_initially_denied) as denied_claim_count,
    count(*) filter (where is_fully_denied) as fully_denied_claim_count,
    sum(initial_charge_amount) as initial_charge_amount,
    sum(initial_denial_amount) as initial_denial_amount,
    sum(overturned_amount) as overturned_amount,
    sum(written_off_amount) as written_off_amount,
    {%- for measure in ['gross_charge', 'contractual', 'net_revenue'] %}
    coalesce(sum({{ measure }}_amount) filter (where is_adjudicated), 0.00)
        as {{ measure }}_amount,
    {%- endfor %}
    coalesce(sum(paid_amount) filter (where is_adjudicated), 0.00) as paid_amount
from {{ ref('claim_outcome') }}
where is_counted
group by first_submitted_date, facility_code, submitted_month
