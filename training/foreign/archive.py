"""A `.keras` file, read without Keras: is it one, and does it need code that is not in it?"""

import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training.errors import ForeignModelError

_HDF5 = b"\x89HDF\r\n\x1a\n"
_NEEDED = {"config.json", "metadata.json"}
_MAX_CONFIG_BYTES = 64 * 1024 * 1024
"""Longest architecture that is read; a zip may claim a thousand times its size."""


def check_archive(path: Path) -> None:
    """Refuse what Keras would refuse in safe mode anyway, in a sentence, and before a framework is waited for.

    Raises:
        ForeignModelError: If the file is no sound Keras archive, or its model holds code or needs some from elsewhere.
    """
    if sentences := _read(path):
        raise ForeignModelError(sentences[0])


def _read(path: Path) -> list[str]:
    """What is wrong with the architecture in an archive."""
    try:
        _check_kind(path)
        with zipfile.ZipFile(path) as archive:
            sizes = {member.filename: member.file_size for member in archive.infolist()}
            if not sizes.keys() >= _NEEDED or sizes["config.json"] > _MAX_CONFIG_BYTES:
                raise ForeignModelError(f"Expected a Keras archive. Received {path}, which is another kind of zip.")
            if damaged := archive.testzip():
                raise ForeignModelError(f"Expected a sound Keras archive. Received {path}, whose {damaged} is damaged.")
            return list(_code(json.loads(archive.read("config.json"))))
    except OSError as error:
        raise ForeignModelError(f"Expected a .keras file. Received {path}: {error.strerror}.") from error
    except (zipfile.BadZipFile, zlib.error, ValueError, RuntimeError) as error:
        raise ForeignModelError(
            f"Expected a whole Keras archive. Received {path}, which is none, or a part."
        ) from error


def _check_kind(path: Path) -> None:
    if path.is_dir():
        raise ForeignModelError(
            f"Expected a .keras file. Received the folder {path}; where the model was trained, "
            "model.save('NAME.keras') writes the file."
        )
    with path.open("rb") as file:
        if file.read(len(_HDF5)) == _HDF5:
            raise ForeignModelError(
                f"Expected a .keras file. Received {path}, which is HDF5, the old format; with the Keras that wrote "
                "it, load_model(…).save('NAME.keras') writes the file."
            )
    if path.suffix != ".keras":
        raise ForeignModelError(f"Expected a file whose name ends in .keras. Received {path}.")


def _code(node: Any, layer: str = "") -> Iterator[str]:
    """A sentence for each part of an architecture that would need code from elsewhere.

    Keras refuses them too, but takes pages to say so. Losses and metrics are passed over: they do not answer.
    """
    if isinstance(node, list):
        for part in node:
            yield from _code(part, layer)
    if not isinstance(node, dict):
        return
    kind, config = node.get("class_name"), node.get("config")
    if kind is not None and isinstance(config, dict):
        layer = str(config.get("name", layer))
    if kind in ("Lambda", "__lambda__"):
        yield (
            f"Expected layers without Python code. Received a lambda in layer {layer}, which safe mode refuses; "
            "operations of keras.ops and built-in layers can be served."
        )
    elif kind is not None and "module" in node and not _is_keras(node["module"]):
        name = config if isinstance(config, str) else kind
        yield (
            f"Expected layers and functions that Keras itself brings. Received {name} in layer {layer or name}, whose "
            "code is not in the file."
        )
    for key, part in node.items():
        if key != "compile_config":
            yield from _code(part, layer)


def _is_keras(module: Any) -> bool:
    """Whether Keras finds what is in `module` by itself; its own functions carry `builtins`."""
    return isinstance(module, str) and module.partition(".")[0] in ("keras", "builtins")
