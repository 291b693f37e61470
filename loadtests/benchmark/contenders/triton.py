"""NVIDIA Triton: the C++ server inside the package ``nvidia-pytriton``, with its Python backend."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from loadtests.benchmark.contender import MAX_BATCH_ROWS, Subject
from loadtests.benchmark.contenders.recipe import REPOSITORY, Command, Place, Recipe
from loadtests.benchmark.environments import ONNXRUNTIME, Environment
from loadtests.errors import BenchmarkError
from loadtests.server import HOST

HTTP_THREADS = 8
"""Best of 1, 2, 4 and 8 on two cores, and Triton's default."""
CONFIGURATION = """\
backend: "python"
max_batch_size: {rows}
input [{{ name: "image" data_type: TYPE_UINT8 dims: [28, 28] }}]
output [{{ name: "probabilities" data_type: TYPE_FP32 dims: [10] }}]
instance_group [{{ count: 1 kind: KIND_CPU }}]
dynamic_batching {{ max_queue_delay_microseconds: 0 }}
"""
STUB = "triton_python_backend_stub"
LIBRARY = "import json, sys, sysconfig; print(json.dumps([sysconfig.get_config_var(n) for n in sys.argv[1:]]))"
ASK_S = 30


@dataclass(frozen=True, slots=True)
class TritonEnvironment(Environment):
    """An environment in which the backend finds its stub."""

    def install(self, root: Path) -> None:
        """Install, and lay the stub for this Python where the backend looks for it."""
        # super() without arguments does not know the class that slots make anew
        Environment.install(self, root)
        packages = self.packages(root)
        server = packages / "pytriton" / "tritonserver"
        version = packages.parent.name.removeprefix("python")
        stub = server / "python_backend_stubs" / version / STUB
        if not stub.is_file():
            raise BenchmarkError(f"Expected a stub of Triton's backend for Python {version}. The package has none.")
        target = server / "backends" / "python" / STUB
        if not target.exists():
            shutil.copyfile(stub, target)
            target.chmod(0o755)
        library_folder(self.python(root))

    def server(self, root: Path) -> Path:
        """Folder of the server's files."""
        return self.packages(root) / "pytriton" / "tritonserver"


def library_folder(python: Path) -> str:
    """Folder of the shared library of an interpreter, which the stub is linked with.

    Raises:
        BenchmarkError: The interpreter was built without one.
    """
    command = [str(python), "-c", LIBRARY, "LIBDIR", "INSTSONAME"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=ASK_S, check=False)
    folder, name = json.loads(done.stdout) if done.returncode == 0 else ("", "")
    if not str(name).startswith("libpython") or ".so" not in str(name):
        raise BenchmarkError(
            f"Expected a Python with a shared library, as Triton needs. {python} has {name or 'none'}."
        )
    return str(folder)


HOME = TritonEnvironment(
    name="triton",
    # the backend's stub was built before NumPy 2 and answers empty tensors with it; NumPy 1.26 ends at Python 3.12
    requirements=(ONNXRUNTIME, "numpy==1.26.4"),
    # only its binaries are used
    bare=("nvidia-pytriton==0.7.0",),
    before=13,
)


def prepare(subject: Subject, place: Place) -> Command:
    """Write a model repository."""
    repository = place.scratch / "models"
    for name in subject.models:
        folder = repository / name / "1"
        folder.mkdir(parents=True)
        (folder.parent / "config.pbtxt").write_text(CONFIGURATION.format(rows=MAX_BATCH_ROWS))
        shutil.copyfile(subject.folder / "model.onnx", folder / "model.onnx")
        shutil.copyfile(REPOSITORY / "loadtests" / "benchmark" / "apps" / "triton_model.py", folder / "model.py")
    server = HOME.server(place.root)
    options = {
        "model-repository": repository,
        "backend-directory": server / "backends",
        "http-address": HOST,
        "http-port": place.port,
        "http-thread-count": HTTP_THREADS,
        "allow-grpc": "false",
        "allow-metrics": "false",
        "log-info": "false",
    }
    libraries = (HOME.packages(place.root) / "nvidia_pytriton.libs", library_folder(place.python))
    variables = {
        "LD_LIBRARY_PATH": os.pathsep.join(map(str, libraries)),
        # the stub takes its packages from the environment of the first python3 on the path
        "PATH": os.pathsep.join((str(place.python.parent), os.environ.get("PATH", os.defpath))),
    }
    command = (server / "bin" / "tritonserver", *(f"--{name}={value}" for name, value in options.items()))
    return Command(tuple(map(str, command)), variables)


TRITON = Recipe(
    name="triton",
    title="NVIDIA Triton",
    notes=(
        "C++ server, Python backend, dynamic batching without delay, batches of at most 64 rows, 8 HTTP threads "
        "(best of 1, 2, 4, 8), gRPC and metrics off: "
        "https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/batcher.html"
    ),
    paths={"v2-json": "/v2/models/{model}/infer", "v2-binary": "/v2/models/{model}/infer"},
    ready="/v2/health/ready",
    home=HOME,
    prepare=prepare,
    many=True,
)
