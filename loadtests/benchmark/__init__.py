"""The benchmark: servers of the field and ours side by side, on one machine, with the same model and the same bytes.

    __main__.py       command line: measure or read results, print, write the page
    session.py        a whole run: environments, models, blocks, starts
    plan.py           what is measured, how often and how long
    subjects.py       the models
    contender.py      what a server under test must offer
    contenders/       the servers: a file each
    environments.py   a Python environment for each
    process.py        a server's processes
    apps/             what runs inside those environments
    block.py          lanes that take turns, case by case and round by round
    lane.py           what takes turns
    server_lane.py    a server that does
    engine_lane.py    the engine alone that does
    engine_loop.py    its process
    starts.py         how long a server takes to get ready
    bodies.py         requests in each dialect, and whether an answer is right
    goldens.py        whole answers, before and after
    lua.py            the script of the client
    wrk.py            the client
    machine.py        hardware and versions
    results.py        all that was measured
    summary.py        medians, spreads, ratios
    bars.py           what was aimed at, and whether it was reached
    tables.py         results as tables
    plots.py          results as plots
    page.py           docs/benchmarks.md

The other servers are installed when the benchmark runs, each in an environment of its own; none is a dependency.
"""
