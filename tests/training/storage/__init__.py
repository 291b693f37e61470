"""Mirror of `training/storage`."""
