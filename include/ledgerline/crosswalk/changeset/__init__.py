"""A change of mappings: proposed by one person, weighed, approved by another."""
