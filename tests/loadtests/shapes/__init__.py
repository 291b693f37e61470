"""Tests of the load shapes."""
