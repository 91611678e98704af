-- A worker takes the first READY entry that may go: found by its order, not by a scan.
create index entry_ready_in_order on post.entry (order_sequence) where state = 'READY';
