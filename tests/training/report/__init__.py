"""Mirror of `training/report`."""
