"""The whole way to a local AWS: build, package, expand, deploy, and the model into its bucket."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import localstack_client.session
from botocore.exceptions import EndpointConnectionError

from lambda_emulator.template.source.document import read_document
from stellar.settings import DEFAULT_MODEL_DIR
from stellar_deploy.build import sam_build
from stellar_deploy.errors import DeployError
from stellar_deploy.expand import expand
from stellar_deploy.package import package
from stellar_deploy.stack import apply, resource
from stellar_local_stack.model_bucket import BUCKET, seed
from stellar_local_stack.project import ROOT

REGION = "us-east-1"
CODE_BUCKET = "stellar-code"


@dataclass(frozen=True, slots=True)
class DeployOptions:
    """What is to be deployed, and where. ``python`` is the version that the functions run on there."""

    endpoint: str
    stack: str
    python: str
    kafka: str
    grpc: str
    built: Path | None


@dataclass(frozen=True, slots=True)
class Deployed:
    """What came of it. ``stream_function`` is None where no Kafka was named."""

    api_url: str
    model_version: str
    stack: str
    stream_function: str | None


def deploy(options: DeployOptions, say: Callable[[str], None]) -> Deployed:
    """Raises DeployError."""
    os.environ["AWS_ENDPOINT_URL"] = options.endpoint  # where LocalStack's client looks before all else
    client: Callable[[str], Any] = localstack_client.session.Session(region_name=REGION).client
    s3, cloudformation = client("s3"), client("cloudformation")
    try:
        s3.list_buckets()
    except EndpointConnectionError:
        raise DeployError(
            f"nothing answers at {options.endpoint}. Start LocalStack (`localstack start`), or MiniStack "
            f"(`uv tool run ministack`), or give its address with --endpoint-url."
        ) from None
    folder = options.built or ROOT / ".aws-sam" / f"local-{options.python}"
    if options.built is None:
        say(f"sam build for Python {options.python}")
        sam_build(folder, options.python)
    version = seed(s3, DEFAULT_MODEL_DIR)
    say(f"model {version} is the champion in s3://{BUCKET}")
    s3.create_bucket(Bucket=CODE_BUCKET)
    template = read_document(folder / "template.yaml").data
    expanded = expand(package(template, folder, s3, CODE_BUCKET, say), REGION)
    s3.put_object(Bucket=CODE_BUCKET, Key="template.json", Body=json.dumps(expanded).encode())
    parameters = {
        "PythonRuntime": f"python{options.python}",
        "ModelBucket": BUCKET,
        "GrpcAddress": options.grpc,
        "KafkaBootstrapServers": options.kafka,
        "KafkaPolling": "External",  # the managed poller is a paid feature there; `stellar local start-esm` is not
    }
    apply(cloudformation, options.stack, f"{options.endpoint}/{CODE_BUCKET}/template.json", parameters, say)
    api = resource(cloudformation, options.stack, "Api")
    stream = resource(cloudformation, options.stack, "StreamFunction") if options.kafka else None
    address = str(client("apigatewayv2").get_api(ApiId=api)["ApiEndpoint"])
    return Deployed(address, version, options.stack, stream)
