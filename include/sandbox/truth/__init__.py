"""The truth: what the product must find, from the hospital and not from its files."""
