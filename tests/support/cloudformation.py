"""The project's template as CloudFormation gets it: after SAM's transform."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cfnlint.decode import cfn_yaml
from samtranslator.translator.transform import transform

TEMPLATE = Path(__file__).resolve().parents[2] / "template.yaml"


def translated(parameters: Mapping[str, str], monkeypatch: Any) -> dict[str, Any]:
    """The template after SAM's transform, whose packaged code is in S3 as ``sam package`` leaves it."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    document = json.loads(json.dumps(cfn_yaml.load(str(TEMPLATE))))
    for resource in document["Resources"].values():
        for name in {"CodeUri", "ContentUri"} & resource.get("Properties", {}).keys():
            resource["Properties"][name] = "s3://bucket/key"
    result: dict[str, Any] = transform(document, dict(parameters), None)
    return result


def of_type(template: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The resources of a type by logical id."""
    return {name: value for name, value in template["Resources"].items() if value["Type"] == kind}


def statements(template: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every policy, those of conditions too, with the logical id of its resource."""
    for kind in ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::Role"):
        for name, resource in of_type(template, kind).items():
            properties = resource["Properties"]
            documents = [
                properties.get("PolicyDocument"),
                *(p["PolicyDocument"] for p in properties.get("Policies", [])),
            ]
            for document in filter(None, documents):
                for entry in document["Statement"]:
                    yield name, entry["Fn::If"][1] if "Fn::If" in entry else entry
