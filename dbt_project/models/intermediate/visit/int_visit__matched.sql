{{ config(indexes=[
    {'columns': ['visit_id'], 'unique': true},
    {'columns': ['encounter_id'], 'unique': true},
]) }}

-- A visit and a FHIR encounter of one facility are the same when they share the visit
-- number, or the visit is numbered by its account, or they share the account and the
-- encounter names no visit. Each meets at most one other: the better reason, then one
-- that was cancelled as well, or neither, then the nearer start. What is left over of
-- an account and was not cancelled meets in the order of starts. An encounter that was
-- entered in error is no word about a visit that takes place.
{%- set cancelled = "('cancelled', 'entered-in-error')" %}
{%- set reasons = [
    'visit.visit_number = encounter.visit_number',
    'visit.visit_number = encounter.account_number'
    ~ '\n            and coalesce(visit.account_number, visit.visit_number)'
    ~ '\n            = encounter.account_number',
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
        (visit.encounter_status in {{ cancelled }})
        <> (encounter.encounter_status in {{ cancelled }}) as is_contradicted,
        abs(extract(epoch from visit.start_at - encounter.start_at)) as seconds_apart
    from {{ ref('int_visit__located') }} as visit
    inner join {{ ref('int_encounter__located') }} as encounter
        on
            visit.facility_code = encounter.facility_code
            and {{ reason }}
    where
        visit.facility_code <> 'unmapped'
        and (
            encounter.encounter_status is distinct from 'entered-in-error'
            or visit.encounter_status in {{ cancelled }}
        )
    {%- endfor %}
),

preferred as (
    select distinct on (visit_id)
        visit_id,
        encounter_id,
        reason_rank,
        is_contradicted,
        seconds_apart
    from candidate
    order by
        visit_id, reason_rank, is_contradicted, seconds_apart nulls last, encounter_id
),

nearest as (
    select distinct on (encounter_id)
        visit_id,
        encounter_id
    from preferred
    order by
        encounter_id, reason_rank, is_contradicted, seconds_apart nulls last, visit_id
),

visit_left as (
    select
        visit.visit_id,
        visit.facility_code,
        visit.account_number,
        row_number() over (
            partition by visit.facility_code, visit.account_number
            order by visit.start_at, visit.visit_id
        ) as ordinal
    from {{ ref('int_visit__located') }} as visit
    left join nearest on visit.visit_id = nearest.visit_id
    where
        nearest.visit_id is null
        and visit.facility_code <> 'unmapped'
        and visit.encounter_status not in {{ cancelled }}
),

encounter_left as (
    select
        encounter.encounter_id,
        encounter.facility_code,
        encounter.account_number,
        row_number() over (
            partition by encounter.facility_code, encounter.account_number
            order by encounter.start_at, encounter.encounter_id
        ) as ordinal
    from {{ ref('int_encounter__located') }} as encounter
    left join nearest on encounter.encounter_id = nearest.encounter_id
    where
        nearest.encounter_id is null
        and encounter.visit_number is null
        and encounter.encounter_status not in {{ cancelled }}
)

select
    visit_id,
    encounter_id
from nearest
union all
select
    visit_left.visit_id,
    encounter_left.encounter_id
from visit_left
inner join encounter_left
    on
        visit_left.facility_code = encounter_left.facility_code
        and visit_left.account_number = encounter_left.account_number
        and visit_left.ordinal = encounter_left.ordinal
