"""What a data engineer asks: what happened, what is held, where does it come from."""
