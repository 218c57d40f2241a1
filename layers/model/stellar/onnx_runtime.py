"""ONNX Runtime with its telemetry off, for all who load a model: import ``ort`` from here.

Since 1.32 it writes a session id to ``$TMPDIR/.ses`` and looks its collector's name up as soon as it is imported.
``disable_telemetry_events()`` comes too late for that; the environment variable does not.
"""

from __future__ import annotations

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime as ort

__all__ = ["ort"]
