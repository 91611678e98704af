with account as (
    select
        coalesce(erp.account_code, configured.account_code) as account_code,
        coalesce(configured.account_name, erp.account_name) as account_name,
        coalesce(configured.account_class, 'unmapped') as account_class
    from (
        select distinct on (account_code)
            account_code,
            account_name
        from {{ ref('stg_erp__account') }}
        order by account_code asc, record_id desc
    ) as erp
    full outer join {{ ref('stg_reference__account') }} as configured
        on erp.account_code = configured.account_code
)

select
    account_code,
    account_name,
    account_class
from account
union all
select
    'unmapped' as account_code,
    'Unmapped' as account_name,
    'unmapped' as account_class
