-- A center that serves less than nobody is a mistake in a file: it is refused when the
-- file is loaded next. What is loaded already counts as nothing.
alter table reference.allocation_statistic
add constraint allocation_statistic_quantity_check check (quantity >= 0) not valid;
