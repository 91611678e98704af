"""The transaction sets that are read: what their segments say, by kind."""
