"""Steady: 16 users for 5 minutes. Does anything grow, leak or slow down under a load that stays the same?"""

from __future__ import annotations

from loadtests.shapes.stages import Stage, Stages


class Steady(Stages):
    """16 users for 5 minutes."""

    stages = (Stage(duration_s=300, users=16),)
