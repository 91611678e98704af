"""The inbox: HL7 messages are committed here before a listener acknowledges them.

`commit` stores what all connections received, one transaction for what waits; `source`
offers it to landing, so that it arrives in the raw zone like any other file.
"""
