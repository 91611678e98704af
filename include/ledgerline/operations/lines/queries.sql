-- name: propose
insert into reference.line_access (
    director_name, service_line_code, is_given, proposed_by
)
values (%(director)s, %(line)s, %(is_given)s, %(by)s)
returning access_id

-- name: decide
update reference.line_access
set state = %(state)s, decided_by = %(by)s
where access_id = %(access_id)s
returning director_name, service_line_code

-- name: unknown
-- The code, when no service line has it.
select given.code
from (select %(line)s::text as code) as given
where given.code not in (
    select line.service_line_code from ops.service_line_names() as line
)

-- name: held
select line.director_name, line.service_line_code
from reference.director_line as line
order by line.director_name, line.service_line_code

-- name: waiting
select
    access.access_id,
    access.director_name,
    access.service_line_code,
    access.proposed_by,
    ops.request_expires_at(access.proposed_at) as expires_at
from reference.line_access as access
where
    access.state = 'proposed'
    and clock_timestamp() < ops.request_expires_at(access.proposed_at)
order by access.access_id
