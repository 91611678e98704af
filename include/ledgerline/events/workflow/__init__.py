"""What events set in motion: handlers, the steps that they expect, and what shows them.

The table of events and handlers is in handlers.py; the rules are in docs/events.md.
"""
