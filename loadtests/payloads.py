"""Payloads: requests that are written before the load begins, so that writing them costs no time while it runs."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np
import orjson

from loadtests.errors import WrongAnswer
from loadtests.examples import Examples, Rows
from loadtests.forms import Form, Infer, Inputs, Instances
from loadtests.records import Records

FORMS: tuple[Form, ...] = (Instances(), Inputs(), Records(), Infer())
PAYLOADS_PER_FORM = 32
SINGLE_SHARE = 0.75
"""Part of the requests that carry one row; the others carry up to ``MOST_ROWS``."""
MOST_ROWS = 64
MOST_NUMBERS = 65_536
"""Most numbers in one request, whatever its rows: larger bodies would meet the limits of the server, not load it."""
OK = 200


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """One request, ready to send.

    Attributes:
        name: Model and form, under which it is counted.
        path: Where it goes.
        body: JSON.
        form: How it is written.
        examples: Where its rows came from.
        rows: Which of them it carries.
        request_id: Comes back in the answer, where the form has a place for it.
        right: The last answer that was found right: the same bytes need not be looked at again.
    """

    name: str
    path: str
    body: bytes
    form: Form
    examples: Examples
    rows: Rows
    request_id: str
    right: bytearray = field(default_factory=bytearray)

    def check(self, status: int, body: bytes) -> None:
        """Hold an answer against what is known.

        Raises:
            WrongAnswer: With what was expected and what came.
        """
        if status != OK:
            raise WrongAnswer.at(f"status {OK}", f"{status}: {body[:200].decode(errors='replace')}")
        if body and body == self.right:
            return
        try:
            answer: Any = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise WrongAnswer.at("a JSON answer", error) from None
        self.form.check(answer, self.examples, self.rows, self.request_id)
        self.right[:] = body


@dataclass(frozen=True, slots=True, eq=False)
class Deck:
    """The payloads of one model, by form."""

    model: str
    forms: tuple[tuple[Payload, ...], ...]

    def draw(self, random: Random) -> Payload:
        """One of them; every form equally often."""
        return random.choice(random.choice(self.forms))


def deal(examples: Examples, seed: int) -> Deck:
    """Write the payloads of one model.

    Args:
        examples: The rows to choose from. Records are sent only where they are known.
        seed: The same seed writes the same payloads.
    """
    random = Random(f"{seed} {examples.model}")
    forms = [form for form in FORMS if examples.records or not isinstance(form, Records)]
    return Deck(
        examples.model,
        tuple(
            tuple(_write(form, examples, random, f"{form.name}-{number}") for number in range(PAYLOADS_PER_FORM))
            for form in forms
        ),
    )


def fingerprint(decks: Mapping[str, Deck], more: str) -> str:
    """A mark of everything that may be sent: the same in two processes if they would send the same requests.

    Args:
        decks: Payloads by model.
        more: What else must be the same.
    """
    mark = hashlib.blake2b(more.encode(), digest_size=16)
    for name in sorted(decks):
        for payload in itertools.chain.from_iterable(decks[name].forms):
            mark.update(f"{payload.path} {payload.examples.version} {len(payload.body)} ".encode() + payload.body)
    return mark.hexdigest()


def _write(form: Form, examples: Examples, random: Random, place: str) -> Payload:
    count = 1 if random.random() < SINGLE_SHARE else random.randint(1, _most_rows(examples))
    rows = np.array([random.randrange(examples.count) for _ in range(count)], dtype=np.intp)
    request_id = f"{examples.model}-{place}"
    body = form.body(examples, rows, request_id)
    name = f"{examples.model} {form.name}"
    return Payload(name, form.path(examples.model), body, form, examples, rows, request_id)


def _most_rows(examples: Examples) -> int:
    numbers = sum(math.prod(tensor.shape) for tensor in examples.inputs)
    return max(1, min(MOST_ROWS, MOST_NUMBERS // max(1, numbers)))
