"""ONNX Runtime with its telemetry off, for all who load a model: import ``ort`` from here.

As observed of version 1.32 on Linux: when it is imported it writes ``$TMPDIR/.ses`` and, below
``$HOME/.cache/Microsoft``, a device id and a database; some seconds later it looks up the name of its collector
(``mobile.events.data.microsoft.com``). With this variable set before the import it does none of that.
``disable_telemetry_events()`` comes too late.
"""

from __future__ import annotations

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime as ort

__all__ = ["ort"]
