"""Load shapes: how many users there are, and for how long.

    shape.py       what they share
    stages.py      users that change by the clock, scaled to --users and --run-time
    smoke.py       8 users for 30 s
    steady.py      16 users for 5 minutes
    step.py        8, 16, 32 and 64 users, a minute each
    capacity.py    users that do not pause, more and fewer until the highest load is found that keeps an objective

Give one to Locust beside the locustfile: ``locust -f loadtests/locustfile.py,loadtests/shapes/step.py --host …``.
"""
