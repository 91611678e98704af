"""A worker: what it has in hand, and what it asks of the world."""
