"""Load tests: users who ask a server over HTTP, check every answer, and judge the whole by thresholds.

    __main__.py       command line: a server if none is named, one run, the exit code
    run.py            one run of Locust, as one process or several
    server.py         a server of our own as a process
    locustfile.py     what Locust loads: users and hooks
    users.py          who asks: a user for each model, and one for all
    hooks.py          what happens at Locust's events
    part.py           a process's part in a run: alone, or
    master.py         … leading workers, and merging what they measure
    worker.py         … playing users for a master
    options.py        options that both command lines share
    shapes/           how many users, and for how long: a file each
    target.py         the address, and questions outside the load
    discovery.py      which models the server has, and their examples
    examples.py       rows with stored answers, from an artifact's folder
    inventions.py     rows for a model known by its metadata only
    forms.py          rows in the words of the public protocols
    records.py        rows and answers as a person writes and reads them
    answers.py        whether tensors in an answer are right
    payloads.py       requests, written before the load begins
    measurements.py   every request's time and outcome
    thresholds.py     limits and verdicts
    busy.py           how busy the load generator itself is
    capacity.py       the search for the highest load that keeps an objective
    report.py         table, failures and verdicts as text
    steps.py          the steps of that search as text, CSV and JSON
    errors.py         the error tree
    benchmark/        our server beside others
    reports/          what runs leave behind; not kept by git

The server is known by its HTTP API alone, and examples by their format: nothing here imports the service.
"""
