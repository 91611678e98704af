"""A synthetic hospital network, independent of the product, that keeps the truth it made."""
