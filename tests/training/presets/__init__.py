"""Mirror of `training/presets`."""
