"""Mirror of `training/commands`."""
