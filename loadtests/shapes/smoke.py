"""Smoke: 8 users for 30 s. Does everything answer, and rightly, with several clients at once?"""

from __future__ import annotations

from loadtests.shapes.stages import Stage, Stages


class Smoke(Stages):
    """8 users for 30 s."""

    stages = (Stage(duration_s=30, users=8),)
