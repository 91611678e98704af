-- What the EHR says last of a charge stands, with the credits after it. A charge that
-- says what the one before it said is that one sent again, unless the credits between
-- them took it off whole; and a credit is one, however often it is told.
with told as (
    select
        *,
        concat_ws(
            '|',
            service_date,
            coalesce(revenue_code, ''),
            coalesce(procedure_code, ''),
            department_code,
            charge_amount,
            service_quantity
        ) as said,
        count(*) filter (where not is_credit) over (
            partition by account_id, charge_transaction_id order by posting_rank
        ) as charge_count
    from {{ ref('int_charge_transaction__located') }}
),

numbered as (
    select
        *,
        row_number() over (
            partition by
                account_id, charge_transaction_id, charge_count, is_credit, said
            order by posting_rank
        ) as telling
    from told
),

credited as (
    select
        *,
        sum(charge_amount) over (
            partition by account_id, charge_transaction_id, charge_count
        ) as amount_left
    from numbered
    where telling = 1
),

compared as (
    select
        *,
        not is_credit
        and (
            lag(said) over same_kind is distinct from said
            or lag(amount_left) over same_kind <= 0
        ) as is_new
    from credited
    window same_kind as (
        partition by account_id, charge_transaction_id, is_credit order by posting_rank
    )
),

stated as (
    select
        *,
        count(*) filter (where is_new) over (
            partition by account_id, charge_transaction_id order by posting_rank
        ) as statement_number,
        count(*) filter (where is_new) over (
            partition by account_id, charge_transaction_id
        ) as last_statement_number
    from compared
),

standing as (
    select
        *,
        row_number() over (
            partition by account_id, charge_transaction_id, is_credit, said
            order by posting_rank
        ) as telling_of_statement
    from stated
    where statement_number = last_statement_number
)

select
    record_id,
    posting_rank,
    account_id,
    charge_transaction_id,
    facility_code,
    department_code,
    is_credit,
    revenue_code,
    procedure_code,
    charge_amount,
    service_quantity,
    service_date,
    posted_date
from standing
where telling_of_statement = 1
