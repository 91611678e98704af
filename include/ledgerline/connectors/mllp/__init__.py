"""HL7 v2 over MLLP: frames, conversations and the listener. Stores nothing itself.

A listener hands what it received to a `Commit` and answers only what that returned.
"""
