"""Commands that ask for something, and the approval of a second person."""
