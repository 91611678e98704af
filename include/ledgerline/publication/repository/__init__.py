"""The SQL of publication: its numbers, the shape of its relations, and their rows."""
