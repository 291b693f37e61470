"""Tests: a mirror of the three folders, and what holds across them."""
