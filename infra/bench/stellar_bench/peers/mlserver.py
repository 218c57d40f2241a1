"""MLServer with the same ONNX model, over the Open Inference Protocol's REST and gRPC.

It gets the ten features ready made and gives back bare probabilities: it neither validates nor names anything. Its
settings are its defaults, but for the log.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from stellar import validate
from stellar.classifier import features
from stellar.settings import DEFAULT_MODEL_DIR
from stellar_bench.clients.base import Row, Workload
from stellar_bench.clients.grpc import calling
from stellar_bench.clients.http import sending
from stellar_bench.http_client import Response, prepare
from stellar_bench.load import Opener
from stellar_bench.peers.contender import START_SECONDS, Contender, in_own_environment
from stellar_bench.peers.ours import GRPC, REST
from stellar_bench.servers import serve
from stellar_local_stack.ports import free_ports
from stellar_service.contract import compile_proto, message_class

MODEL = Path(__file__).with_name("mlserver_model") / "stellar_model.py"
PROTO = Path(__file__).with_name("open_inference.proto")
# It takes the event loop of the main thread in a way that later releases of uvloop have ended.
REQUIREMENTS = ("mlserver==1.7.1", "uvloop<0.22", f"onnxruntime=={version('onnxruntime')}")


@contextmanager
def mlserver(workload: Workload, folder: Path) -> Iterator[list[Contender]]:
    """Raises AbsentError."""
    http_port, grpc_port = free_ports(2)
    home = folder / "mlserver"
    _lay_out(home, http_port, grpc_port)
    command = [*in_own_environment("mlserver", *REQUIREMENTS), "start", str(home)]
    tables = [_table(workload.request(index)) for index in range(workload.distinct)]
    with serve(command, http_port, folder / "mlserver.log", timeout=START_SECONDS):
        yield [
            Contender("MLServer REST", _rest(f"http://127.0.0.1:{http_port}", tables), REST),
            Contender("MLServer gRPC", _grpc(f"127.0.0.1:{grpc_port}", tables), GRPC),
        ]


def _lay_out(home: Path, http_port: int, grpc_port: int) -> None:
    home.mkdir()
    shutil.copy(MODEL, home)
    settings = {
        "host": "127.0.0.1",
        "http_port": http_port,
        "grpc_port": grpc_port,
        "metrics_port": free_ports(1)[0],
        "debug": False,
    }
    model = {
        "name": "stellar",
        "implementation": "stellar_model.StellarModel",
        "parameters": {"uri": str(DEFAULT_MODEL_DIR / "model.onnx")},
    }
    (home / "settings.json").write_text(json.dumps(settings))
    (home / "model-settings.json").write_text(json.dumps(model))


def _table(rows: Sequence[Row]) -> list[list[float]]:
    table: list[list[float]] = features(validate([dict(row) for row in rows])).tolist()
    return table


def _rest(url: str, tables: Sequence[list[list[float]]]) -> Opener:
    def encode(table: list[list[float]]) -> bytes:
        tensor = {"name": "features", "datatype": "FP32", "shape": [len(table), 10], "data": table}
        return prepare("POST", f"{url}/v2/models/stellar/infer", orjson.dumps({"inputs": [tensor]}))

    def right(response: Response) -> bool:
        return response.status == 200 and len(orjson.loads(response.body)["outputs"][0]["data"]) >= 3

    return sending(url, list(map(encode, tables)), right)


def _grpc(address: str, tables: Sequence[list[list[float]]]) -> Opener:
    messages = compile_proto(PROTO).message_types_by_name
    request, response = message_class(messages["ModelInferRequest"]), message_class(messages["ModelInferResponse"])

    def message(table: list[list[float]]) -> Any:
        contents = {"fp32_contents": [value for row in table for value in row]}
        tensor = {"name": "features", "datatype": "FP32", "shape": [len(table), 10], "contents": contents}
        return request(model_name="stellar", inputs=[tensor])

    codecs = ("/inference.GRPCInferenceService/ModelInfer", request.SerializeToString, response.FromString)
    requests = list(map(message, tables))
    return calling(address, codecs, requests, lambda answer: len(answer.outputs[0].contents.fp32_contents) >= 3)
