"""ONLINE: artifact in, HTTP out."""
