"""How we reach EHR, billing and ERP. Moves bytes and keeps no state."""
