{{ config(indexes=[
    {'columns': ['facility_code', 'account_number'], 'unique': true}
]) }}

with redirect as (
    select
        retired.*,
        {{ crosswalked(
            'facility', 'ehr', 'retired.facility_code_ehr', 'current_date'
        ) }} as facility_code
    from {{ ref('stg_ehr__account_redirect') }} as retired
)

select distinct on (facility_code, {{ number_text('account_number') }})
    facility_code,
    {{ number_text('account_number') }} as account_number,
    {{ number_text('surviving_account_number') }} as surviving_account_number
from redirect
where facility_code <> 'unmapped'
order by
    facility_code, {{ number_text('account_number') }}, facility_code_ehr,
    account_number
