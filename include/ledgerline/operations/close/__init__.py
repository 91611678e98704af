"""The close of a month: what it waits for, and its seal."""
