"""Where an artifact was made: revision of the code, packages, machine."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("keras", "tensorflow", "tf2onnx", "onnx", "onnxruntime", "numpy", "bentoml")
_HERE = Path(__file__).resolve()
_CPUINFO = Path("/proc/cpuinfo")


def revision() -> str | None:
    """Revision of the checkout that this code runs from, `…-dirty` if tracked files differ from it.

    Returns:
        None without git, without a repository, or in a repository that does not track this code.
    """
    try:
        # Code that was copied into some other repository has no revision of its own.
        _git("ls-files", "--error-unmatch", _HERE.name)
        return _git("describe", "--always", "--abbrev=40", "--exclude=*", "--dirty")
    except (OSError, subprocess.CalledProcessError):
        return None


def package_versions() -> dict[str, str]:
    """Installed versions of the packages that weights and exports depend on."""
    return {package: version(package) for package in _PACKAGES}


def machine() -> str:
    """What this process computes with: name and cores of the processor, names of the GPUs that it sees."""
    import tensorflow as tf

    details = [tf.config.experimental.get_device_details(gpu) for gpu in tf.config.get_visible_devices("GPU")]
    gpus = [str(found.get("device_name", "GPU")) for found in details]
    return ", ".join([_processor(), f"{os.cpu_count()} cores", *gpus])


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=_HERE.parent, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _processor() -> str:
    """The name that Linux gives it where it does; elsewhere what Python knows."""
    lines = _CPUINFO.read_text(errors="replace").splitlines() if _CPUINFO.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())
