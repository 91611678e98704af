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
    -- Implants, the dearest of supplies, are a group of their own.
    case
        when revenue_code in ('0275', '0276', '0278') then 'implant'
        when revenue_code like '027%' or revenue_code like '062%' then 'supply'
        when revenue_code like '025%' or revenue_code like '063%' then 'drug'
    end as item_component,
    case
        when cost_method in ('rvu', 'time')
            then relative_value * greatest(coalesce(service_quantity, 0), 0)
    end::numeric(24, 8) as relative_weight,
    service_line_code,
    payer_class,
    charge_amount,
    service_month
from {{ ref('int_charge__assigned') }}
