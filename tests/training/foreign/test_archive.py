"""`training.foreign.archive`."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from training.errors import ForeignModelError
from training.foreign.archive import check_archive


def _archive(path: Path, config: Any, *others: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", config if isinstance(config, str) else json.dumps(config))
        for name in others or ("metadata.json", "model.weights.h5"):
            archive.writestr(name, bytes(range(256)) * 40)
    return path


def _layer(kind: str, module: str | None, **config: Any) -> dict[str, Any]:
    return {"module": module, "class_name": kind, "config": {"name": "odd", **config}, "registered_name": None}


def _model(*layers: Any, **keys: Any) -> dict[str, Any]:
    return {"module": "keras", "class_name": "Sequential", "config": {"name": "whole", "layers": list(layers)}, **keys}


def _refusal(path: Path) -> str:
    with pytest.raises(ForeignModelError, match=r"^Expected .* Received ") as caught:
        check_archive(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_built_in_layers_pass(tmp_path: Path) -> None:
    """Keras' own layers and functions, and losses of whatever origin, which take no part in an answer."""
    activation = {"module": "builtins", "class_name": "function", "config": "relu", "registered_name": "function"}
    loss = {"compile_config": {"loss": {"module": "mine", "class_name": "MyLoss", "config": {}}}}
    check_archive(
        _archive(tmp_path / "a.keras", _model(_layer("Dense", "keras.layers", activation=activation), **loss))
    )


@pytest.mark.parametrize(
    ("layer", "part"),
    [
        (_layer("Lambda", "keras.layers"), "a lambda in layer odd"),
        (_layer("Dense", "keras.layers", activation={"class_name": "__lambda__"}), "a lambda in layer odd"),
        (_layer("MyLayer", None), "MyLayer in layer odd"),
        (_layer("MyLayer", "kerashub.layers"), "MyLayer in layer odd"),
        (_model(_layer("MyLayer", "mine")), "MyLayer in layer odd"),
        (_layer("Dense", "keras.layers", activation={"module": "os", "class_name": "function", "config": "system"}),
         "system in layer odd"),
    ],
)  # fmt: skip
def test_code_is_refused(tmp_path: Path, layer: Any, part: str) -> None:
    """Lambdas, classes and functions of others are named with their layer, at any depth."""
    assert part in _refusal(_archive(tmp_path / "a.keras", _model(_layer("Flatten", "keras.layers"), layer)))


def test_other_files_are_refused(tmp_path: Path) -> None:
    """Each kind of wrong file says what it is, and what to do about it."""
    path = tmp_path / "a.keras"
    assert "No such file" in _refusal(path)
    (tmp_path / "saved_model").mkdir()
    assert "the folder" in _refusal(tmp_path / "saved_model")
    path.write_bytes(b"\x89HDF\r\n\x1a\n and more")
    assert "HDF5, the old format" in _refusal(path)
    for content in (b"", b"text", b"PK\x03\x04 and no more"):
        path.write_bytes(content)
        assert "which is none, or a part" in _refusal(path)
    assert "ends in .keras" in _refusal(_archive(tmp_path / "a.zip", _model()))
    assert "another kind of zip" in _refusal(_archive(path, _model(), "weights.txt"))


def test_broken_archives_are_refused(tmp_path: Path) -> None:
    """Cut off, with a flipped bit, or with an architecture that is no JSON or nested without end."""
    path = _archive(tmp_path / "a.keras", _model())
    whole = path.read_bytes()
    for length in (10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert "which is none, or a part" in _refusal(path)
    place = whole.index(b"model.weights.h5") + 40
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
    _refusal(path)
    _refusal(_archive(path, "{"))
    _refusal(_archive(path, "[" * 100_000 + "]" * 100_000))
    _refusal(_archive(path, '{"a":' * 900 + '{"class_name": "Lambda"}' + "}" * 900))


def test_an_architecture_of_any_length_is_not_read(tmp_path: Path) -> None:
    """A zip of some kilobytes may claim gigabytes; what is longer than any architecture is not inflated."""
    assert "another kind of zip" in _refusal(_archive(tmp_path / "a.keras", " " * (64 * 1024 * 1024 + 1)))
