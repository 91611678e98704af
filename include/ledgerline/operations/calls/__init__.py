"""Calls of our HTTP surface: how often a person may make one, and writes done once."""
