"""The generated messages: made from the contract beside them, and the same on the wire as Triton's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tritonclient.grpc import model_config_pb2, service_pb2

from service.rpc import inference_pb2 as pb
from tests.servers import ROOT

FILE = pb.DESCRIPTOR
THEIRS: dict[str, Any] = {
    **model_config_pb2.DESCRIPTOR.message_types_by_name,
    **service_pb2.DESCRIPTOR.message_types_by_name,
}


def named(kind: Any) -> str:
    """The full name of a message or enum; nothing for a scalar."""
    return kind.full_name if kind is not None else ""


def shape(field: Any) -> tuple[Any, ...]:
    """All of a field that stands on the wire, and what it is called in code and JSON."""
    group = field.containing_oneof.name if field.containing_oneof else ""
    return (
        field.number,
        field.name,
        field.type,
        field.is_repeated,
        named(field.message_type),
        named(field.enum_type),
        group,
    )


def compare(ours: Any, theirs: Any) -> int:
    """Hold a message and all within it against Triton's; how many fields were held."""
    assert ours.full_name == theirs.full_name
    for field in ours.fields:
        assert shape(field) == shape(theirs.fields_by_name[field.name]), field.full_name
    inner = (compare(one, theirs.nested_types_by_name[one.name]) for one in ours.nested_types)
    return len(ours.fields) + sum(inner)


def test_every_message_is_triton_s() -> None:
    """Each field of each message has Triton's number, name, type, group and place."""
    assert sum(compare(ours, THEIRS[name]) for name, ours in FILE.message_types_by_name.items()) > 100


@pytest.mark.parametrize("name", [name for name in FILE.message_types_by_name if "Infer" in name])
def test_inference_has_every_field(name: str) -> None:
    """The messages of inference leave nothing of Triton's out."""
    if name not in ("InferStatistics", "InferBatchStatistics"):
        assert {field.name for field in THEIRS[name].fields} == {
            field.name for field in FILE.message_types_by_name[name].fields
        }


def test_every_datatype_is_triton_s() -> None:
    """The datatypes of a configuration have Triton's numbers."""
    theirs = model_config_pb2.DESCRIPTOR.enum_types_by_name["DataType"]
    ours = FILE.enum_types_by_name["DataType"]
    assert [(one.name, one.number) for one in ours.values] == [(one.name, one.number) for one in theirs.values]


def test_every_call_is_triton_s() -> None:
    """Each call takes and answers Triton's messages, streamed where Triton streams."""

    def calls(file: Any) -> dict[str, tuple[str, str, bool, bool]]:
        return {
            one.name: (one.input_type.full_name, one.output_type.full_name, one.client_streaming, one.server_streaming)
            for one in file.services_by_name["GRPCInferenceService"].methods
        }

    ours = calls(FILE)
    assert len(ours) == 12
    assert ours == {name: call for name, call in calls(service_pb2.DESCRIPTOR).items() if name in ours}


def test_the_module_is_what_the_contract_gives(tmp_path: Path) -> None:
    """Generating anew gives the committed files, but for the descriptor pool, which is a private one."""
    # in a process of its own: beside TensorFlow's copy of the same library the compiler crashes
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{ROOT}"]
    command += [f"--python_out={tmp_path}", f"--pyi_out={tmp_path}", "service/rpc/inference.proto"]
    subprocess.run(command, cwd=ROOT, timeout=60, check=True)
    for suffix in (".py", ".pyi"):
        made = (tmp_path / f"service/rpc/inference_pb2{suffix}").read_text()
        committed = (ROOT / f"service/rpc/inference_pb2{suffix}").read_text()
        assert committed == made.replace("_descriptor_pool.Default()", "_descriptor_pool.DescriptorPool()")


def test_the_messages_stand_beside_triton_s() -> None:
    """Both packages' messages live in one process, and read each other's bytes."""
    theirs = service_pb2.ModelInferRequest(model_name="toy", raw_input_contents=[b"\x00\xff"])
    theirs.parameters["timeout"].int64_param = 7
    ours = pb.ModelInferRequest.FromString(theirs.SerializeToString())
    assert (ours.model_name, ours.raw_input_contents[0], ours.parameters["timeout"].int64_param) == (
        "toy",
        b"\x00\xff",
        7,
    )
    assert service_pb2.ModelInferRequest.FromString(ours.SerializeToString()) == theirs
