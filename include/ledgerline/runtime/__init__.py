"""The local stack: embedded PostgreSQL, processes, and one run of the whole chain."""
