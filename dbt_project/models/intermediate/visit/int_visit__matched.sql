{{ config(indexes=[
    {'columns': ['visit_id'], 'unique': true},
    {'columns': ['encounter_id'], 'unique': true},
]) }}

-- A visit and a FHIR encounter of one facility are the same when they share the visit
-- number, or the visit is numbered by its account, or they share the account and the
-- encounter names no visit. Each meets at most one other: the better reason, then the
-- nearer start.
{%- set reasons = [
    'visit.visit_number = encounter.visit_number',
    'visit.visit_number = encounter.account_number',
    'visit.account_number = encounter.account_number'
    ~ '\n            and encounter.visit_number is null',
] %}

with candidate as (
    {%- for reason in reasons %}
    {{- '\n    union all' if not loop.first }}
    select
        visit.visit_id,
        encounter.encounter_id,
        {{ loop.index }} as reason_rank,
        abs(extract(epoch from visit.start_at - encounter.start_at)) as seconds_apart
    from {{ ref('int_visit__located') }} as visit
    inner join {{ ref('int_encounter__located') }} as encounter
        on
            visit.facility_code = encounter.facility_code
            and {{ reason }}
    where visit.facility_code <> 'unmapped'
    {%- endfor %}
),

preferred as (
    select distinct on (visit_id)
        visit_id,
        encounter_id,
        reason_rank,
        seconds_apart
    from candidate
    order by visit_id, reason_rank, seconds_apart nulls last, encounter_id
)

select distinct on (encounter_id)
    visit_id,
    encounter_id
from preferred
order by encounter_id, reason_rank, seconds_apart nulls last, visit_id
