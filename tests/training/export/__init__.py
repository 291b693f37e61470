"""Mirror of `training/export`."""
