"""A kit that holds any server of these dialects to them: `python -m tests.conformance --url http://HOST:PORT`.

case.py         one golden case: a request as data, and what must come back
expectation.py  how an answer is compared with what was expected
target.py       the server: how to reach it, what it serves, the answers that all forms must agree on
golden.py       sends cases and scenarios, and says what came of them
cases/          the golden cases, one module a part of a dialect
scenarios/      what takes more than one request
clients/        clients that nobody here wrote, each a script for an environment of its own
foreign.py      makes those environments and runs those scripts
own_server.py   a server of this tree, where no URL is given
report.py       the table, client by client
outcome.py      what came of one case

It asks over HTTP and gRPC only, and imports nothing of the service.
"""
