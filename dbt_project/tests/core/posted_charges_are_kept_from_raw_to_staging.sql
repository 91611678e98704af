with raw_transaction as (
    select
        abs(
            coalesce(
                (charge.value ->> 'extended_amount')::numeric,
                (charge.value ->> 'unit_amount')::numeric
                * coalesce((charge.value ->> 'quantity')::numeric, 1)
            )
        ) as charge_amount
    from (
        {{ latest_record('raw_ehr', 'DFT') }}
    ) as posted
    cross join lateral {{ elements("posted.body -> 'transactions'") }} as charge
),

compared as (
    select
        {{ total_of('round(charge_amount, 2)', 'raw_transaction') | indent(8) }}
            as raw_amount,
        {{ total_of(
            'abs(charge_amount)', ref('stg_ehr__charge_transaction')
        ) | indent(8) }} as staging_amount
)

select *
from compared
where raw_amount <> staging_amount
