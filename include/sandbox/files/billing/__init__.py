"""The billing folder as X12: claims, their acknowledgements, remittances."""
