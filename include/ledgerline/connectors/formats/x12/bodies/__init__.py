"""What transaction sets land as: the members of each record."""
