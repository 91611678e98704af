-- Schemas by zone, and the roles that may see them.
-- Passwords are set apart (store/roles.py): a migration holds no secret.
do $$
declare
    role_name text;
begin
    foreach role_name in array array[
        'ledgerline_build', 'ledgerline_poster',
        'ledgerline_analyst', 'ledgerline_executive'
    ]
    loop
        if not exists (select from pg_roles where rolname = role_name) then
            execute format('create role %I login noinherit', role_name);
        end if;
    end loop;
end;
$$;

create schema raw_ehr;
create schema raw_billing;
create schema raw_erp;
create schema reference;
create schema staging;
create schema intermediate;
create schema candidate_conformed;
create schema candidate_marts;
create schema candidate_outbound;
create schema published;
create schema conformed;
create schema marts;
create schema outbound;
create schema post;
create schema audit;

comment on schema raw_ehr is 'EHR bytes and records exactly as received; identified data';
comment on schema raw_billing is 'X12 bytes and records exactly as received; identified data';
comment on schema raw_erp is 'ERP bytes and records exactly as received';
comment on schema reference is 'Code lists, crosswalks and business rules';
comment on schema published is 'Every published row with the publications it lived from and to';
comment on schema conformed is 'Published dimensions and facts: what readers may trust';
comment on schema marts is 'Published answers: profitability, margin, supply, reconciliation';
comment on schema outbound is 'Published desired state of the ERP ledger';
comment on schema post is 'Outbox: entries, their states and attempts';
comment on schema ops is 'Batches, quarantine, checks, gate decisions, publications';
comment on schema audit is 'Hash-chained record of every state change';

grant usage on schema raw_ehr, raw_billing, raw_erp, ops to ledgerline_build;
alter default privileges in schema raw_ehr grant select on tables to ledgerline_build;
alter default privileges in schema raw_billing grant select on tables to ledgerline_build;
alter default privileges in schema raw_erp grant select on tables to ledgerline_build;

grant usage, create on schema reference to ledgerline_build;
alter default privileges in schema reference grant select on tables to ledgerline_build;
grant usage, create on schema
    staging, intermediate, candidate_conformed, candidate_marts, candidate_outbound
to ledgerline_build;

-- The owner reads what the build role makes.
do $$
begin
    execute format('grant ledgerline_build to %I', current_user);
end;
$$;

grant usage on schema conformed, marts, reference to ledgerline_analyst;
grant usage on schema marts to ledgerline_executive;
alter default privileges in schema conformed grant select on tables to ledgerline_analyst;
alter default privileges in schema marts
grant select on tables to ledgerline_analyst, ledgerline_executive;
alter default privileges in schema reference grant select on tables to ledgerline_analyst;
