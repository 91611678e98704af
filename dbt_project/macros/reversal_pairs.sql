{#- Which payment each reversal takes back: like a closing bracket, the last one before
    it that no other reversal has taken back. What went before a lost original is not
    taken in its place.

    payment: relation with payment_id, payment_rank and is_reversal
    same: columns that a reversal shares with its original -#}
{% macro reversal_pairs(payment, same) -%}
{%- set key = same | join(', ') -%}
select
    payment_id,
    original_id
from (
    select
        payment_id,
        is_reversal,
        lag(payment_id) over bracket as original_id,
        lag(is_reversal) over bracket as is_after_reversal
    from (
        select
            payment.*,
            sum(case when is_reversal then -1 else 1 end) over (
                partition by {{ key }}
                order by payment_rank
            ) + is_reversal::integer as depth
        from {{ payment }} as payment
    ) as counted
    window bracket as (partition by {{ key }}, depth order by payment_rank)
) as laid
where is_reversal and not is_after_reversal
{%- endmacro %}
