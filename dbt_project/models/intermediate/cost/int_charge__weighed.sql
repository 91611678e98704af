{{ config(
    materialized='kept',
    replaces=of_scope_by('charge_source', 'dft'),
    indexes=[{'columns': ['charge_id'], 'unique': true}],
) }}

-- What decides how much of its cost center's cost a charge receives, and where that
-- cost counts; nothing else, so that what does not move cost does not touch a month.
select
    record_id,
    charge_id,
    charge_source,
    encounter_id,
    facility_code,
    cost_center_code,
    cost_method,
    service_line_code,
    payer_class,
    charge_amount,
    service_month
from {{ ref('int_charge__assigned') }}
