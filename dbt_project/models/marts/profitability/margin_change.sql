{%- set names = margin_effects() -%}

-- A change runs from what readers were told of the month before. A service line that
-- appears or vanishes has no factors that could change: its margin is one effect.
with published as (
    select
        facility_code,
        service_line_code,
        operating_margin_amount,
        (service_month + interval '1 month')::date as service_month
    from {{ ref('fct_published_margin') }}
),

compared as (
    select
        coalesce(step.service_month, published.service_month) as service_month,
        coalesce(step.facility_code, published.facility_code) as facility_code,
        coalesce(step.service_line_code, published.service_line_code)
            as service_line_code,
        coalesce(step.is_present, false) as is_present,
        coalesce(step.was_present, false) as was_present,
        coalesce(step.operating_margin_amount, 0) as margin,
        coalesce(step.prior_operating_margin_amount, 0) as prior_margin,
        published.operating_margin_amount as published_margin,
        {%- for name in names[3:] %}
        coalesce(step.{{ name }}_amount, 0) as {{ name }},
        {%- endfor %}
        bool_or(published.facility_code is not null) over of_month as has_published,
        bool_or(step.facility_code is not null) over of_month as has_step
    from {{ ref('margin_step') }} as step
    full join published
        on
            step.service_month = published.service_month
            and step.facility_code = published.facility_code
            and step.service_line_code = published.service_line_code
    window of_month as (
        partition by
            coalesce(step.service_month, published.service_month),
            coalesce(step.facility_code, published.facility_code)
    )
),

change as (
    select
        *,
        case when has_published then coalesce(published_margin, 0) else prior_margin end
            as told_margin
    from compared
    where has_step
),

effect as (
    select
        change.service_month,
        change.facility_code,
        change.service_line_code,
        change.told_margin,
        change.prior_margin,
        change.margin,
        effect.effect_name,
        effect.effect_amount
    from change
    cross join
        lateral (
            values
            ('restatement', change.prior_margin - change.told_margin),
            (
                'new_service_line',
                case when change.was_present then 0 else change.margin end
            ),
            (
                'vanished_service_line',
                case when change.is_present then 0 else -change.prior_margin end
            ),
            {%- for name in names[3:] %}
            (
                '{{ name }}',
                case
                    when change.is_present and change.was_present
                        then change.{{ name }}
                    else 0
                end
            ){{ '' if loop.last else ',' }}
            {%- endfor %}
        ) as effect (effect_name, effect_amount)
)

select
    effect.service_month,
    effect.facility_code,
    dimension.dimension_name,
    dimension.dimension_code,
    effect.effect_name,
    sum(effect.effect_amount) as effect_amount,
    sum(effect.told_margin) as published_prior_margin_amount,
    sum(effect.prior_margin) as prior_operating_margin_amount,
    sum(effect.margin) as operating_margin_amount,
    sum(effect.margin - effect.told_margin) as margin_change_amount
from effect
cross join
    lateral (
        values
        ('facility', effect.facility_code),
        ('service_line', effect.service_line_code)
    ) as dimension (dimension_name, dimension_code)
group by
    effect.service_month,
    effect.facility_code,
    dimension.dimension_name,
    dimension.dimension_code,
    effect.effect_name
