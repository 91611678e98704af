"""What is older than it is kept: shown first, removed when a person says so."""
