"""What this machine gives: an account for PostgreSQL, room on the disk."""
