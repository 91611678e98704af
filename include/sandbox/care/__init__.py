"""What happened to patients: encounters, and the supplies used for them."""
