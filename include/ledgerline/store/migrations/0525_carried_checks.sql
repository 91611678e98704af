-- A check whose relations did not change since it passed need not be asked again.
create table ops.check_pass (
    suite text not null,
    check_name text not null,
    basis text not null,
    run_id text not null,
    data_hash text not null,
    primary key (suite, check_name)
);
comment on table ops.check_pass is
'One row per check of a suite: the run that evaluated it last and found nothing, and what that rested on. Only looked up; the result itself is in ops.check_result';
comment on column ops.check_pass.basis is
'A hash of the definition of the check, of who evaluated it and of all rows that it reads';
comment on column ops.check_pass.data_hash is
'The rows that the run judged: only a decision over the same ones lets it be carried over';
