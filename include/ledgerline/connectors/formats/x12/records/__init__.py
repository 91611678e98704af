"""How the segments of a transaction set become records: values, places, refusals."""
