"""Load tests: users who ask a server over HTTP, check every answer, and judge the whole by thresholds.

    __main__.py       command line: a server if none is named, one run, the exit code
    run.py            one run of Locust as a process
    server.py         a server of our own as a process
    locustfile.py     what Locust loads: users and hooks
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
    report.py         table, failures and verdicts as text
    errors.py         the error tree
    reports/          what runs leave behind; not kept by git

The server is known by its HTTP API alone, and examples by their format: nothing here imports the service.
"""
