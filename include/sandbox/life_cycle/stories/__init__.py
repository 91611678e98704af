"""What happens to a claim on each path, step by step."""
