"""A program that stores one small artifact and can die at any step: `store_writer.py HOME NAME [STEP|slow]`.

Prints the tag. With a step, the process kills itself with SIGKILL when it comes to it; a slow one takes a second
between its number and its place in the store.
"""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from training.storage import bento_model, disk, store

STEPS = {
    "staging": (disk, "open_locked"),
    "seal": (sys.modules[__name__], "seal"),
    "model_yaml": (bento_model, "write_model_yaml"),
    "sync": (disk, "sync_tree"),
    "counter": (disk, "replace_text"),
    "rename": (Path, "rename"),
    "latest": (store.Store, "_point_latest"),
    "read_back": (bento_model, "read_back"),
}


def seal(folder: Path, version: int) -> None:
    """Write what stands for the manifest."""
    (folder / "manifest.json").write_text(str(version))
    if sys.argv[3:] == ["slow"]:
        time.sleep(1)


def write(home: Path, name: str) -> str:
    """Store an artifact of two files."""
    models = store.Store(home)
    with models.staging(name) as folder:
        (folder / "model.onnx").write_bytes(b"model")
        return models.publish(name, folder, lambda version: sys.modules[__name__].seal(folder, version))


def die(*_: Any, **__: Any) -> None:
    """End as by `kill -9`."""
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    if sys.argv[3:] and sys.argv[3] in STEPS:
        setattr(*STEPS[sys.argv[3]], die)
    sys.stdout.write(write(Path(sys.argv[1]), sys.argv[2]))
