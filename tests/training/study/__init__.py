"""Tests of `training.study`."""
