"""What is measured, how often and how long: the whole benchmark, and a quick one."""

from __future__ import annotations

from dataclasses import dataclass

TURN_OVERHEAD_S = 0.2
"""What a measurement takes besides its seconds: the start of the client, and waiting until the server is idle."""


@dataclass(frozen=True, slots=True)
class Case:
    """One load.

    Attributes:
        clients: Connections, each with one request at a time.
        rows: In each request.
    """

    clients: int
    rows: int

    def __str__(self) -> str:
        return f"{self.clients} client{'s'[: self.clients > 1]}, {self.rows} row{'s'[: self.rows > 1]} a request"


@dataclass(frozen=True, slots=True)
class Plan:
    """The measurements.

    Attributes:
        rounds: How often each server has its turn in each case.
        seconds: Length of a measurement.
        warm_up_s: Length of the load that comes before the first measurement of a turn, and is not counted.
        clients: Numbers of clients that send one row a request.
        rows: Rows a request, besides one, that ``row_clients`` clients send.
        row_clients: How many send them.
        peer_clients: The numbers of clients for the servers that no bar holds to more.
        peer_rows: The same for rows a request.
        convolutional: Cases for the convolutional model.
        growth: Numbers of models that are served at a time.
        growth_cases: Cases for them.
        starts: How often the start of our server is timed.
        other_starts: The same for all others.
        left_out: Contenders that take part only if they are named.
        seed: Of the order of turns.
    """

    rounds: int = 5
    seconds: int = 2
    warm_up_s: float = 0.4
    clients: tuple[int, ...] = (1, 8, 32, 128, 512)
    rows: tuple[int, ...] = (8, 64, 256, 1024)
    row_clients: int = 8
    peer_clients: tuple[int, ...] = (1, 8, 32, 128, 512)
    peer_rows: tuple[int, ...] = (8, 64, 256, 1024)
    convolutional: tuple[Case, ...] = (Case(32, 1), Case(128, 1), Case(8, 64))
    growth: tuple[int, ...] = (1, 5, 10, 20)
    growth_cases: tuple[Case, ...] = (Case(1, 1), Case(32, 1))
    starts: int = 5
    other_starts: int = 3
    left_out: tuple[str, ...] = ()
    seed: int = 0

    @property
    def dense(self) -> tuple[Case, ...]:
        """The cases of the dense model."""
        return tuple(Case(clients, 1) for clients in self.clients) + tuple(
            Case(self.row_clients, rows) for rows in self.rows
        )

    @property
    def peers(self) -> tuple[Case, ...]:
        """Those of them that are put to every server."""
        return tuple(
            case
            for case in self.dense
            if (case.clients in self.peer_clients if case.rows == 1 else case.rows in self.peer_rows)
        )


FULL = Plan()
QUICK = Plan(
    rounds=3,
    seconds=1,
    warm_up_s=0.3,
    clients=(1, 8, 32, 128),
    rows=(64,),
    peer_clients=(32,),
    peer_rows=(),
    convolutional=(),
    growth=(),
    starts=2,
    # the others' start for the measurements has to do
    other_starts=0,
    # takes half a minute for a figure that no bar needs
    left_out=("ray-serve",),
)
