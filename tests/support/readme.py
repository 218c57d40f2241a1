"""The calls that the README shows, for a stack on other ports than its."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from support.up import Up

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
CALLS = {
    "REST": ("curl -s http://127.0.0.1:3000/predict ", '"str_output":"Galaxy"'),
    "GraphQL": ("curl -s http://127.0.0.1:3000/graphql ", '"label":"STAR"'),
    "gRPC": ("import grpc", "STAR"),
    "Kafka": ("import json\nfrom kafka", "Star"),
}
"""Text that a call alone has, and what its answer has."""

_PORTS = {"http": 3000, "grpc": 50051, "kafka": 9092}


def call_of_the_readme(mark: str, up: Up) -> str:
    """The one call with that text, as a user of this stack would paste it."""
    [call] = [block for block in re.findall(r"```console\n(.+?)```", README, re.DOTALL) if mark in block]
    for name, number in _PORTS.items():
        call = call.replace(f"127.0.0.1:{number}", f"127.0.0.1:{up.ports[name]}")
    return call.replace(".venv/bin/python", sys.executable)
