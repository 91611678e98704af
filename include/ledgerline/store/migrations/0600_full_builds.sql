-- With increments everything is built again in full every few days.
alter table build.state add column full_on date;
comment on column build.state.full_on is
'The day of the newest full build that began; increments after it keep it';
