"""What can be wrong with cost, as statements that plant it in a warehouse."""

PAYROLL = """
update raw_erp.record
set body = body || {change}
where
    (
        resource_type = 'account.move.line' and resource_id in (
            select move_line_id from candidate_conformed.fct_gl_entry
            where cost_center_code = '{center}' and account_class = 'labor'
        )
    )
    or (
        resource_type = 'analytic_account.line'
        and body #>> '{{account,code}}' = '{center}'
        and coalesce(body #>> '{{move_line,id}}', body ->> 'move_line') in (
            select move_line_id from candidate_conformed.fct_gl_entry
            where cost_center_code = '{center}' and account_class = 'labor'
        )
    )
"""
"""What the payroll books on a cost center, changed."""
PLANTED = {
    "a basis that nobody has a statistic of": """
        delete from reference.allocation_statistic
        where facility_code = 'MVH' and basis = 'hours'
    """,
    "two overhead centers that serve only each other": """
        delete from reference.allocation_statistic
        where
            facility_code = 'NRC'
            and (basis, cost_center_code) not in (
                ('hours', 'NRC-7010'), ('square_feet', 'NRC-7020')
            )
    """,
    "an overhead center without a step": """
        delete from reference.allocation_step
        where cost_model_code = '' and cost_center_code = 'LGH-7020'
    """,
    "a cost center whose balance is a credit": PAYROLL.format(
        change="jsonb_build_object("
        "'debit', body -> 'credit', 'credit', body -> 'debit')",
        center="LGH-6090",
    ),
    "a cost far beyond the charges of its center": PAYROLL.format(
        change="""'{"debit": "900000.00"}'::jsonb""", center="MVH-6090"
    ),
    "more credits than cost on a center of relative values": PAYROLL.format(
        change="""'{"debit": "0.00", "credit": "900000.00"}'::jsonb""",
        center="LGH-6060",
    ),
    "an overhead center that another facility takes over within a month": """
        update raw_erp.record
        set body = jsonb_set(body, '{move,date}', '"2026-02-10"')
        where
            resource_type = 'account.move.line' and resource_id in (
                select move_line_id from candidate_conformed.fct_gl_entry
                where
                    cost_center_code = 'MVH-7030'
                    and posting_month = '2026-02-01'
                    and account_class in ('labor', 'other_direct')
            );
        update reference.cost_center set valid_to = '2026-02-20'
        where cost_center_code = 'MVH-7030';
        insert into reference.cost_center (
            facility_code, cost_center_code, cost_center_name, cost_center_kind,
            valid_from, valid_to
        )
        values (
            'LGH', 'MVH-7030', 'Administration', 'overhead', '2026-02-20', '2026-03-01'
        )
    """,
    "a department that no cost center has": """
        delete from reference.revenue_center
        where facility_code = 'LGH' and revenue_code = '0510';
        delete from reference.department_cost_center
        where facility_code = 'LGH' and department_code = 'INTMED'
    """,
    "a test without a relative value": """
        delete from reference.relative_value where procedure_code = '80053'
    """,
    "services of which nobody says how many": """
        update raw_billing.record
        set body = jsonb_set(body, '{lines}', (
            select jsonb_agg(line || '{"quantity": "0"}')
            from jsonb_array_elements(body -> 'lines') as line
        ))
        where resource_type = '837.claim' and body ->> 'billing_npi' = '2901000036'
    """,
    "an item without a cost price": """
        delete from raw_erp.record
        where
            resource_type in ('product.cost_price', 'product.cost_price.revision')
            and (
                body -> 'product' ->> 'id' in (
                    select product_id_erp from staging.stg_erp__product
                    where item_code = 'ITM00305'
                )
                or body -> 'template' ->> 'id' in (
                    select template_id_erp from staging.stg_erp__product
                    where item_code = 'ITM00305'
                )
            )
    """,
    "an item that nobody knows": """
        update raw_ehr.record
        set body = jsonb_set(
            body, '{contained,0,identifier,0,value}', '"NOBODY-KNOWS"'
        )
        where
            resource_type = 'SupplyDelivery'
            and body #>> '{contained,0,identifier,0,value}' = 'ITM00306'
    """,
    "a unit that nobody can convert": """
        update raw_ehr.record
        set body = jsonb_set(body, '{suppliedItem,quantity,unit}', '"pallet"')
        where
            resource_type = 'SupplyDelivery'
            and body #>> '{contained,0,identifier,0,value}' = 'ITM00333'
    """,
}
