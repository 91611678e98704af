"""Candidates become what readers see, in one transaction and with their history.

`publish` is the only way from candidate to published; `history` lists, compares and
reverts.
"""
