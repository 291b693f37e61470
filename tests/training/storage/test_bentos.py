"""`training.storage.bentos`."""

import pytest

from tests.training.stored import put_bento
from training.errors import StoreError
from training.storage.bentos import bentos_by_model
from training.storage.store import Store


def test_models_of_bentos_and_of_their_services(store: Store) -> None:
    """A model counts as needed whether the bento names it or one of its services, and by how many."""
    put_bento(store, "service:aaa", ["xor:1"], ["xor:2"])
    put_bento(store, "service:bbb", ["xor:1"])
    assert bentos_by_model(store) == {"xor:1": ["service:aaa", "service:bbb"], "xor:2": ["service:aaa"]}


def test_none(store: Store) -> None:
    """A store without bentos, or with one that needs no model, names none."""
    assert bentos_by_model(store) == {}
    put_bento(store, "service:aaa")
    assert bentos_by_model(store) == {}


@pytest.mark.parametrize("text", ["", "[]", "models: [", "name: service\nversion: aaa\nservice: s\nmodels: [{}]", None])
def test_what_cannot_be_read_is_not_passed_over(store: Store, text: str | None) -> None:
    """A bento that is damaged or has no `bento.yaml` at all is refused by its path, in one line."""
    path = put_bento(store, "service:aaa", ["xor:1"])
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
    with pytest.raises(StoreError, match=rf"^Expected a bento .*{path}.*\.$"):
        bentos_by_model(store)
