"""The warehouse connection and its migrations; nothing else."""
