-- What landed is compared with what the warehouse made of it, beside the other pairs.
alter table ops.reconciliation_line drop constraint reconciliation_line_scope_check;
alter table ops.reconciliation_line add constraint reconciliation_line_scope_check
check (scope in ('source', 'account', 'cost_object', 'stock', 'requisition', 'document'));

insert into ops.break_cause (break_name, owner, cause, next_step) values
(
    'NOT_CONFORMED', 'data_engineering',
    'a record landed that the publication leaves out or shows with another amount, or a fact whose record is gone',
    'docs/runbooks/reconciliation_break.md'
);

comment on column marts.reconciliation_break.scope is
'What is compared: source, account, cost_object, stock, requisition or document';
comment on column marts.reconciliation_break.subject is
'claims, payments or usage|item; cost center|service line, store|item|lot, item asked for, or our reference of a document; empty for accounts';
comment on column marts.reconciliation_break.system_pair is
'The two sides compared: source:warehouse, warehouse:outbox, outbox:ledger or ledger:erp';
comment on column marts.reconciliation_break.break_name is
'NOT_CONFORMED, NOT_PROPOSED, NOT_POSTED or ERP_DIFFERS; of documents what is wrong with them';
comment on column ops.reconciliation_line.subject is
'claims, payments or usage|item; cost center|service line, store|item|lot, or our reference of a document; empty for accounts';
