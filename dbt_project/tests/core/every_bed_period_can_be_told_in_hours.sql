{{ config(severity='warn') }}

-- A stay that ends before it begins, has no start or end, or was spent in another
-- facility than that of its encounter.
select
    encounter_id,
    facility_code,
    period_issue
from {{ ref('fct_bed_occupancy') }}
where period_issue <> ''
