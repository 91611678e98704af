"""What the gate decided, why, what it holds in dollars, and what to do first."""
