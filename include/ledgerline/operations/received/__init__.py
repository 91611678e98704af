"""What came in of a claim, or at a place of an X12 file."""
