"""Mirror of service/, one test module per module."""
