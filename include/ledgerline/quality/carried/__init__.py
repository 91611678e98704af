"""Results that stand: checks that passed over the rows that they would read again."""
