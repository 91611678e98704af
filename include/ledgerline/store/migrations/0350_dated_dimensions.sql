-- What a department, payer or cost center is may change: a row a code and period. A row
-- without a beginning holds since 1900-01-01, as what is known first does everywhere.
do $$
declare
    name text;
begin
    foreach name in array array['department', 'payer', 'cost_center']
    loop
        execute format($ddl$
            alter table reference.%1$I
                add column valid_from date not null default '1900-01-01',
                add column valid_to date,
                drop constraint %2$I,
                add primary key (%3$I, valid_from),
                add check (valid_to > valid_from);
            comment on column reference.%1$I.valid_from is 'First day on which the row holds';
            comment on column reference.%1$I.valid_to is
            'First day on which the row no longer holds; null while it holds';
        $ddl$, name, name || '_pkey', name || '_code');
    end loop;
end;
$$;
