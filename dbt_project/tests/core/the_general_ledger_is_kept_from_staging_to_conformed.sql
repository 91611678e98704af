with compared as (
    select
        (
            select coalesce(sum(abs(amount)), 0)
            from {{ ref('stg_erp__move_line') }}
            where move_state = 'posted'
        ) as staging_amount,
        (
            select coalesce(sum(abs(line_amount)), 0)
            from (
                select sum(gl_amount) as line_amount
                from {{ ref('fct_gl_entry') }}
                group by move_line_id
            ) as line
        ) as conformed_amount
)

select *
from compared
where staging_amount <> conformed_amount
