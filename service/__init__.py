"""ONLINE: artifact in, HTTP out."""

__version__ = "0.1.0"
