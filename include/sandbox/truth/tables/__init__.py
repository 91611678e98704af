"""The tables of truth, row by row."""
