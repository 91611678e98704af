"""What we talk about: money, endpoints, errors. Pure; imports no framework."""
