{{ config(meta={'asks': 'whole'}) }}

-- Of every facility and service line with a month before there is a change, it is that
-- of the margins that service_line_profitability tells, and its effects add up to it.
with mart as (
    select
        service_month,
        facility_code,
        service_line_code,
        sum(operating_margin_amount) as margin
    from {{ ref('service_line_profitability') }}
    group by service_month, facility_code, service_line_code
),

compared as (
    {{ months_with_prior('mart') | indent }}
),

expected as (
    select
        compared.service_month,
        compared.facility_code,
        dimension.dimension_name,
        dimension.dimension_code,
        sum(
            case when mart.service_month = compared.service_month then mart.margin end
        ) as margin,
        sum(
            case when mart.service_month < compared.service_month then mart.margin end
        ) as prior_margin
    from compared
    inner join mart
        on
            compared.facility_code = mart.facility_code
            and mart.service_month
            between (compared.service_month - interval '1 month')::date
            and compared.service_month
    cross join
        lateral (
            values
            ('facility', mart.facility_code),
            ('service_line', mart.service_line_code)
        ) as dimension (dimension_name, dimension_code)
    group by
        compared.service_month,
        compared.facility_code,
        dimension.dimension_name,
        dimension.dimension_code
),

change as (
    select
        service_month,
        facility_code,
        dimension_name,
        dimension_code,
        min(operating_margin_amount) as margin,
        min(prior_operating_margin_amount) as prior_margin,
        min(operating_margin_amount - published_prior_margin_amount) as moved,
        sum(effect_amount) as effects,
        min(margin_change_amount) as change_amount
    from {{ ref('margin_change') }}
    group by service_month, facility_code, dimension_name, dimension_code
)

select
    coalesce(change.service_month, expected.service_month) as service_month,
    coalesce(change.facility_code, expected.facility_code) as facility_code,
    coalesce(change.dimension_name, expected.dimension_name) as dimension_name,
    coalesce(change.dimension_code, expected.dimension_code) as dimension_code,
    expected.margin as expected_margin,
    change.margin,
    change.change_amount,
    change.effects
from expected
full join change
    on
        expected.service_month = change.service_month
        and expected.facility_code = change.facility_code
        and expected.dimension_name = change.dimension_name
        and expected.dimension_code = change.dimension_code
where
    change.effects is distinct from change.change_amount
    or change.effects is distinct from change.moved
    or change.effects is null
    or coalesce(expected.margin, 0) <> change.margin
    or coalesce(expected.prior_margin, 0) <> change.prior_margin
