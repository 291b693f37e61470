"""Mirror of `training/foreign`."""
