"""Alerts: what a person is told without asking, when it starts and when it ends."""
