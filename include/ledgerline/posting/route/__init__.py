"""The way to the ERP: whether it is called at all just now. Pure."""
