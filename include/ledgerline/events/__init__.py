"""Events of the EHR folded into state: visits and appointments, whatever the order.

The rules are in docs/event_fold.md.
"""
