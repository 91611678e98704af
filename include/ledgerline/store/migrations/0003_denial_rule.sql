-- What adjustments mean for this customer, beyond the taxonomy that comes with dbt.
create table reference.denial_rule (
    group_code text not null,
    reason_code text not null,
    remark_code text not null,
    payer_code text not null,
    valid_from date not null,
    valid_to date,
    adjustment_category text not null
    check (
        adjustment_category in (
            'contractual', 'denial', 'patient_share', 'prior_payer', 'other'
        )
    ),
    adjustment_cause text not null,
    primary key (group_code, reason_code, remark_code, payer_code, valid_from),
    check (valid_to is null or valid_to > valid_from)
);
comment on table reference.denial_rule is
'One row per adjustment group, reason, remark, payer and period: what the adjustment means. '
'* holds for every code; the most specific row wins; valid_to is exclusive';
