"""The sandbox hospital's ERP: a real Tryton server, set up through Tryton's own API.

Reads the generator's CSV files, makes a Tryton database of them once, keeps it, and
runs the server that the product reads from and posts to.
"""
