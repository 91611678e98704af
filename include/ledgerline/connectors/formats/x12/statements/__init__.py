"""What one segment says by itself, remembered: the same ones come again and again."""

REMEMBERED = 16_384
"""So many different segments of a kind."""
