"""Tests of the load tests, module by module."""
