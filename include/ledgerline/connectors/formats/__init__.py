"""Turn received bytes into records and refusals. Pure; imports no framework."""
