-- What each service line should earn and cost, month by month.
create table reference.budget (
    facility_code text not null,
    service_line_code text not null,
    budget_month date not null check (budget_month = date_trunc('month', budget_month)),
    net_revenue_amount numeric(18, 2) not null,
    variable_cost numeric(18, 2) not null,
    fixed_direct_cost numeric(18, 2) not null,
    overhead_cost numeric(18, 2) not null,
    primary key (facility_code, service_line_code, budget_month)
);
comment on table reference.budget is
'One row per facility, service line and month: what finance planned, USD';
