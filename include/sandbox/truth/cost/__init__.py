"""What a cost center cost, and to whom that goes."""
