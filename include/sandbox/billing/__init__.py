"""What was charged for the care, and what the payers made of it."""
