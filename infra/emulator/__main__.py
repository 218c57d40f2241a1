"""``python -m emulator start-api …``: the local runtime on its own."""

from emulator.cli import local

local(prog_name="python -m emulator")
