"""The Runtime API of an environment answers that environment's processes alone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from support.stacks import ask, function

CODE = """
import http.client, os, subprocess, sys

ASK = '''
import http.client, os
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
api.request("POST", "/2018-06-01/runtime/invocation/unknown/response", b"{}")
print(api.getresponse().status, end="")
'''

def lambda_handler(event, context):
    child = subprocess.run([sys.executable, "-c", ASK], capture_output=True, check=True)
    return {"address": os.environ["AWS_LAMBDA_RUNTIME_API"], "child": child.stdout.decode()}
"""


async def test_a_process_of_another_kind_is_refused(start: Any, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(CODE)
    service = await start(function(tmp_path))
    answer = await ask(service)
    assert answer["child"] == "400"  # it may ask, and names no invocation

    host, _, port = answer["address"].partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    response = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert response.startswith(b"HTTP/1.1 403 Forbidden")
    assert b"Only this environment may call here" in response
    assert (await ask(service))["address"] == answer["address"]  # and nothing of it disturbed the runtime
