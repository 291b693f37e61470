"""Step: 8, 16, 32 and 64 users, a minute each. At how many does the time of an answer begin to climb?"""

from __future__ import annotations

from loadtests.shapes.stages import Stage, Stages


class Step(Stages):
    """8, 16, 32 and 64 users, 60 s each."""

    stages = tuple(Stage(duration_s=60, users=users) for users in (8, 16, 32, 64))
