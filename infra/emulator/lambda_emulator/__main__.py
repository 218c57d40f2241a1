"""``python -m lambda_emulator start-api …``: the local runtime on its own."""

from lambda_emulator.cli import local

local(prog_name="python -m lambda_emulator")
