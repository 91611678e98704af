"""Which service lines a director sees: given by two people, taken away by one."""
