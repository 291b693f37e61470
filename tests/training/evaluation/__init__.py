"""Tests of `training.evaluation`."""
