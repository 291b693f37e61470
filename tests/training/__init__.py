"""Tests of the offline half, one module per module of `training`."""
