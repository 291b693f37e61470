"""Mirror of `training/fitting`."""
