-- Customer configuration, loaded from CSV by ledgerline.crosswalk.load.
create table reference.facility (
    facility_code text primary key,
    facility_name text not null,
    valid_from date not null,
    valid_to date
);
create table reference.department (
    department_code text primary key,
    department_name text not null,
    service_line_code text not null
);
create table reference.payer (
    payer_code text primary key,
    payer_name text not null,
    payer_class text not null
);
create table reference.cost_center (
    facility_code text not null,
    cost_center_code text primary key,
    cost_center_name text not null,
    cost_center_kind text not null
    check (cost_center_kind in ('patient_care', 'overhead')),
    stock_location_code text
);
create table reference.department_cost_center (
    facility_code text not null,
    department_code text not null,
    cost_center_code text not null,
    primary key (facility_code, department_code)
);
create table reference.revenue_center (
    facility_code text not null,
    revenue_code text not null,
    cost_center_code text not null,
    cost_method text not null check (cost_method in ('rcc', 'actual')),
    primary key (facility_code, revenue_code)
);
create table reference.allocation_step (
    facility_code text not null,
    step_number integer not null,
    cost_center_code text not null,
    basis text not null,
    primary key (facility_code, step_number)
);
create table reference.allocation_statistic (
    facility_code text not null,
    cost_center_code text not null,
    basis text not null,
    quantity bigint not null,
    primary key (facility_code, cost_center_code, basis)
);
create table reference.account (
    account_code text primary key,
    account_name text not null,
    account_class text not null
);
create table reference.posting_account (
    posting_role text primary key,
    account_code text not null
);
create table reference.crosswalk (
    code_set text not null
    check (code_set in ('facility', 'department', 'payer', 'item')),
    source_system text not null check (source_system in ('ehr', 'billing', 'erp')),
    facility_code text not null,
    native_code text not null,
    canonical_code text not null,
    valid_from date not null,
    valid_to date,
    approved_by text not null,
    approved_at timestamptz not null,
    primary key (code_set, source_system, facility_code, native_code, valid_from),
    check (valid_to is null or valid_to > valid_from)
);
comment on table reference.crosswalk is
'One row per native code and period: what the code means in the conformed model. '
'facility_code * holds for every facility; valid_to is exclusive';
