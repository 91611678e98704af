"""A synthetic hospital network that keeps the truth it made.

It is independent of the product, so that it can judge it.
"""
