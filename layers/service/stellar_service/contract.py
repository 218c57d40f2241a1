"""The messages and the service of ``proto/star_classification.proto``, compiled when this module is imported.

There is no generated code to commit, to ship or to forget: the ``.proto`` is the one source, and compiling it takes
some milliseconds once a process.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc

PROTO_FILE = Path(__file__).with_name("star_classification.proto").resolve()

Message: TypeAlias = Any
"""A protobuf message. Message classes are made at run time, so their fields have no static types."""


class ContractError(RuntimeError):
    """The .proto file cannot be compiled."""


def compile_proto(source: Path) -> Any:
    """The file descriptor of a .proto file, which is put into the process's default pool. Raises ContractError."""
    with TemporaryDirectory(prefix="stellar-proto-") as folder:
        target = Path(folder, "descriptors")
        arguments = ["protoc", f"--proto_path={source.parent}", f"--descriptor_set_out={target}", source.name]
        if protoc.main(arguments) != 0:  # it has said on stderr what is wrong, with the line
            raise ContractError(f"{source} cannot be compiled")
        (compiled,) = FileDescriptorSet.FromString(target.read_bytes()).file
    pool = descriptor_pool.Default()
    pool.Add(compiled)
    return pool.FindFileByName(compiled.name)


_FILE = compile_proto(PROTO_FILE)


def message_class(descriptor: Any) -> Message:
    """The class of a message's descriptor."""
    return message_factory.GetMessageClass(descriptor)


SERVICE = _FILE.services_by_name["StarClassificationService"]
"""The service's descriptor."""

_MESSAGES = _FILE.message_types_by_name
StarFeatures = message_class(_MESSAGES["StarFeatures"])
StarPrediction = message_class(_MESSAGES["StarPrediction"])
PredictionError = message_class(_MESSAGES["PredictionError"])
FieldViolation = message_class(_MESSAGES["FieldViolation"])
PredictBatchRequest = message_class(_MESSAGES["PredictBatchRequest"])
PredictBatchResponse = message_class(_MESSAGES["PredictBatchResponse"])
HealthCheckRequest = message_class(_MESSAGES["HealthCheckRequest"])
HealthCheckResponse = message_class(_MESSAGES["HealthCheckResponse"])
