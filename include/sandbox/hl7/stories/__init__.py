"""What the messages tell: admissions, persons, charges and appointments."""
