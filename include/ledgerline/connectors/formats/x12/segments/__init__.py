"""A stream of X12 becomes segments, each with its place."""
