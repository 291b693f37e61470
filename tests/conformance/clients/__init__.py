"""Clients that nobody here wrote, each a script for an environment of its own.

They import, besides the client, only what needs nothing but Python itself: the target, the golden rows, the outcomes.
"""
