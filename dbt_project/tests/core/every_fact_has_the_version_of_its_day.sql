-- A fact names the version of its code that held on its day, or that of `unmapped`.
{%- set facts = [
    ('fct_bed_occupancy', 'department', 'fact.entered_date'),
    ('fct_charge', 'department', 'fact.service_date'),
    ('fct_charge', 'cost_center', 'fact.service_date'),
    ('fct_claim', 'payer', 'fact.statement_from_date'),
    ('fct_denial', 'payer', 'fact.denied_date'),
    (
        'fct_encounter', 'department',
        'coalesce(fact.start_date, fact.end_date)',
    ),
    (
        'fct_encounter_cost', 'cost_center',
        "(fact.service_month + interval '1 month')::date - 1",
    ),
    ('fct_gl_entry', 'cost_center', 'fact.posting_date'),
    ('fct_labor', 'cost_center', 'fact.posting_date'),
    ('fct_provider_adjustment', 'payer', 'fact.payment_date'),
    (
        'fct_purchase_order_line', 'item',
        'coalesce(fact.order_date, fact.delivery_date)',
    ),
    (
        'fct_purchase_order_line', 'supplier',
        'coalesce(fact.order_date, fact.delivery_date)',
    ),
    ('fct_receipt', 'item', 'fact.received_date'),
    ('fct_receipt', 'supplier', 'fact.received_date'),
    ('fct_supply_usage', 'department', 'fact.usage_date'),
    ('fct_supply_usage', 'cost_center', 'fact.usage_date'),
    ('fct_supply_usage', 'item', 'fact.usage_date'),
] %}

{%- for fact, name, day in facts %}
{{- '\nunion all' if not loop.first }}
select
    '{{ fact }}' as relation,
    fact.{{ name }}_code as code,
    {{ day }} as fact_date
from {{ ref(fact) }} as fact
{{ join_version(name, day, 'fact') }}
where coalesce(fact.{{ name }}_key <> {{ joined_key(name, 'fact') }}, false)
{%- endfor %}
