"""One module for each group of segments that a record takes values from."""
