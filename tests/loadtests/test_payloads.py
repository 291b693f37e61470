"""Requests that are written before the load begins."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random

import numpy as np
import pytest

from loadtests.errors import WrongAnswer
from loadtests.examples import Examples, Tensor
from loadtests.payloads import MOST_NUMBERS, MOST_ROWS, deal
from tests.loadtests.double import predict


def test_same_seed_same_requests(examples: Examples) -> None:
    """A seed stands for every byte that is sent, and another seed for others."""
    first, again, other = ([one.body for form in deal(examples, seed).forms for one in form] for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_every_form_is_asked(examples: Examples) -> None:
    """All four forms are in the deck, and a user draws them all."""
    deck, random = deal(examples, seed=0), Random(0)
    drawn = {deck.draw(random).name for _ in range(100)}
    assert drawn == {"toy instances", "toy inputs", "toy records", "toy infer"}


def test_most_requests_carry_one_row_and_some_many(examples: Examples) -> None:
    """Single rows are the rule, batches the exception, none beyond the bound."""
    counts = [len(one.rows) for form in deal(examples, seed=0).forms for one in form]
    assert 0.5 < counts.count(1) / len(counts) < 1
    assert 16 < max(counts) <= MOST_ROWS


def test_large_rows_come_in_small_batches() -> None:
    """A request stays below the bound of numbers, however large a row is."""
    tensor = Tensor("x", "FP32", (MOST_NUMBERS // 3,))
    arrays = {"x": np.zeros((2, MOST_NUMBERS // 3), np.float32)}
    large = Examples("m", "1", (tensor,), (tensor,), arrays, goldens={})
    assert max(len(one.rows) for form in deal(large, seed=0).forms for one in form) <= 3


def test_records_need_known_records(examples: Examples) -> None:
    """A model whose records are not known is asked in the other three forms."""
    deck = deal(replace(examples, records=(), goldens={}), seed=0)
    assert [form[0].form.name for form in deck.forms] == ["instances", "inputs", "infer"]


def test_payload_accepts_its_right_answer(examples: Examples) -> None:
    """Every payload passes with what the model answers to it."""
    for form in deal(examples, seed=0).forms:
        for payload in form:
            payload.check(200, json.dumps(predict(payload.path, json.loads(payload.body))).encode())


def test_other_status_is_wrong(examples: Examples) -> None:
    """A refusal is a failure, with status and the start of its body."""
    payload = deal(examples, seed=0).forms[0][0]
    with pytest.raises(WrongAnswer, match=r"Expected status 200\. Received 503: busy"):
        payload.check(503, b"busy")


def test_other_bytes_than_json_are_wrong(examples: Examples) -> None:
    """An answer that is no JSON is a failure, not a crash."""
    payload = deal(examples, seed=0).forms[0][0]
    with pytest.raises(WrongAnswer, match="JSON"):
        payload.check(200, b"<html>")
