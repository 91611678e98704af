"""A worker carries the commands of the protocol out."""
