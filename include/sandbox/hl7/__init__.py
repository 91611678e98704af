"""The hospital's interface engines: HL7 v2 of the same encounters and charges."""
