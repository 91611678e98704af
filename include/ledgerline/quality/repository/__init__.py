"""The SQL of quality: what landed, what is built, what was found and decided."""
