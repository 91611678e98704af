"""What belongs together, and what is missing of it.

The chain of an encounter, from the message to the publication, under one correlation
id; and claims and remittances that refer to one not yet here, which wait with a
deadline. The warehouse decides both.
"""
