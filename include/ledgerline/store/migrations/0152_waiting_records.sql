-- Which landed record an exception is about: it waits for another one, and has one open
-- or dismissed exception a reason.
alter table ops.quarantined_record add column record_id bigint;
comment on column ops.quarantined_record.record_id is
'The record of the zone that has landed and waits; none if nothing has landed';

update ops.quarantined_record as known
set record_id = waiting.record_id
from raw_ehr.waiting_reference as waiting
where known.quarantine_id = waiting.quarantine_id;
drop table raw_ehr.waiting_reference;

update ops.quarantined_record as known
set
    record_id = (
        select max(record.record_id) from raw_ehr.record as record
        where
            record.file_id = known.file_id and record.byte_offset = known.byte_offset
    )
where known.stage = 'fold' and known.zone = 'ehr';

update ops.quarantined_record as known
set
    owner = 'revenue_cycle',
    record_id = (
        select max(record.record_id) from raw_billing.record as record
        where
            record.file_id = known.file_id and record.byte_offset = known.byte_offset
    )
where known.stage = 'lineage' and known.zone = 'billing';

create unique index quarantined_record_waiting
on ops.quarantined_record (zone, stage, class, record_id)
where status in ('open', 'dismissed');
