-- What payers agreed to pay, so that what they paid can be compared with it.
create table reference.payer_contract (
    contract_code text not null,
    payer_code text not null,
    facility_code text not null,
    setting text not null check (setting in ('inpatient', 'outpatient', 'professional')),
    basis text not null check (basis in ('drg_base', 'per_diem', 'percent_of_charge')),
    rate numeric(18, 4) not null check (rate >= 0),
    charge_cap_rate numeric(6, 4) check (charge_cap_rate > 0 and charge_cap_rate <= 1),
    valid_from date not null,
    valid_to date,
    check (basis <> 'percent_of_charge' or rate <= 1),
    primary key (payer_code, facility_code, setting, valid_from),
    check (valid_to is null or valid_to > valid_from)
);
comment on table reference.payer_contract is
'One row per payer, facility (* is every facility), setting and period: what the payer agreed to pay. '
'rate is dollars a DRG weight or day, or a share of the charge; a payment is at most charge_cap_rate '
'of the charge; valid_to is exclusive';
