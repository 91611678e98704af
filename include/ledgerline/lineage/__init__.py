"""Claims and remittances that refer to one not yet here wait, with a deadline.

The warehouse decides what waits; this package keeps the exceptions in step with it.
"""
