-- What a charge costs: by relative values or time where a cost center has them, and how
-- much of an account's cost varies with volume.
alter table reference.account
add column variable_rate numeric(6, 4) not null default 0
check (variable_rate between 0 and 1);
comment on column reference.account.variable_rate is
'Share of the cost that varies with volume, from 0 to 1; the rest is fixed';

create table reference.relative_value (
    facility_code text not null,
    cost_center_code text not null,
    procedure_code text not null,
    relative_value numeric(12, 4) not null check (relative_value > 0),
    valid_from date not null default '1900-01-01',
    valid_to date,
    primary key (facility_code, cost_center_code, procedure_code, valid_from),
    check (valid_to > valid_from)
);
comment on table reference.relative_value is
'One row per cost center, procedure and period: what one unit of it weighs in the center''s cost; '
'minutes where the center has a capacity. valid_to is exclusive';

create table reference.cost_center_capacity (
    facility_code text not null,
    cost_center_code text not null,
    capacity_hours numeric(12, 2) not null check (capacity_hours > 0),
    practical_rate numeric(6, 4) not null check (practical_rate > 0 and practical_rate <= 1),
    valid_from date not null default '1900-01-01',
    valid_to date,
    primary key (facility_code, cost_center_code, valid_from),
    check (valid_to > valid_from)
);
comment on table reference.cost_center_capacity is
'One row per cost center and period: the hours a month that its staff or rooms are paid for, and the '
'share of them that can be worked; what is not used is costed apart. valid_to is exclusive';
