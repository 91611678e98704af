-- Versions of the cost model may differ in order, bases and variable share as well, and
-- what varies of an account may change.
alter table reference.allocation_step
    add column cost_model_code text not null default '',
    drop constraint allocation_step_pkey,
    add primary key (cost_model_code, facility_code, cost_center_code, valid_from);
comment on column reference.allocation_step.cost_model_code is
'Version of the cost model that closes overhead centers so; empty is the one that counts';

create table reference.variable_rate (
    cost_model_code text not null default '',
    account_code text not null,
    variable_rate numeric(6, 4) not null check (variable_rate between 0 and 1),
    valid_from date not null default '1900-01-01',
    valid_to date,
    primary key (cost_model_code, account_code, valid_from),
    check (valid_to > valid_from)
);
comment on table reference.variable_rate is
'One row per version of the cost model (empty is the one that counts), account and period: the share '
'of its cost that varies with volume, from 0 to 1, in place of reference.account.variable_rate';
