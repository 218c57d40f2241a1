"""Loading a model leaves no file of ONNX Runtime's telemetry behind and asks the network for nothing.

A seccomp filter (seccomp(2)) has the kernel kill the process at its first socket, in whatever thread, of whatever
library. The same process with the telemetry on shows that the filter sees it, and how long one has to look: the
collector's name is looked up some seconds after the library is imported.
"""

from __future__ import annotations

import platform
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or platform.machine() not in ("x86_64", "aarch64"),
    reason="seccomp filters are Linux's, and the numbers of system calls the processor's",
)

SOCKET = {"x86_64": 41, "aarch64": 198}.get(platform.machine(), 0)

NO_SOCKETS = f"""
import ctypes, struct
def instruction(code, true, false, value):
    return struct.pack("HBBI", code, true, false, value)
program = (
    instruction(0x20, 0, 0, 0)                 # load the number of the system call
    + instruction(0x15, 0, 3, {SOCKET})        # not socket: allow
    + instruction(0x20, 0, 0, 16)              # load its first argument, the family
    + instruction(0x15, 1, 0, 1)               # AF_UNIX: allow
    + instruction(0x06, 0, 0, 0x80000000)      # kill the process
    + instruction(0x06, 0, 0, 0x7FFF0000)      # allow
)
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0         # PR_SET_NO_NEW_PRIVS
assert libc.prctl(22, 2, ctypes.byref(Program(len(program) // 8, program))) == 0, ctypes.get_errno()
"""

LOAD = """
import sys
from stellar.classifier import Classifier
{load}
from stellar.settings import DEFAULT_MODEL_DIR
session = ort.InferenceSession(DEFAULT_MODEL_DIR / "model.onnx", providers=["CPUExecutionProvider"])
print("loaded", flush=True)
sys.stdin.read()
"""

AS_WE_DO = LOAD.format(load="from stellar.onnx_runtime import ort")
TELEMETRY_ON = LOAD.format(load="").replace("from stellar.classifier import Classifier", "import onnxruntime as ort")


@contextmanager
def process(program: str, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Python with the program, and all that it may write to in ``home``."""
    home.mkdir()
    # Nothing of our own environment: with any of a dozen variables (CI is one) ONNX Runtime sends no telemetry.
    started = subprocess.Popen(
        [sys.executable, "-c", program],
        env={"TMPDIR": str(home), "HOME": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with started:
        try:
            yield started
        finally:
            started.kill()


def test_the_filter_kills_whoever_opens_a_socket(tmp_path: Path) -> None:
    with process(NO_SOCKETS + "import socket; socket.socket()", tmp_path / "home") as opening:
        assert opening.wait(60) == -signal.SIGSYS


@pytest.mark.timeout(1000)
def test_with_telemetry_off_no_socket_is_opened_and_no_file_left(tmp_path: Path) -> None:
    with (
        process(NO_SOCKETS + AS_WE_DO, tmp_path / "ours") as ours,
        process(NO_SOCKETS + TELEMETRY_ON, tmp_path / "theirs") as theirs,
    ):
        began = time.monotonic()
        assert theirs.wait(400) == -signal.SIGSYS  # seconds on a quiet machine, minutes on a busy one
        assert ours.stdout is not None
        assert ours.stdout.readline() == b"loaded\n"
        with pytest.raises(subprocess.TimeoutExpired):  # as long again: ours is still there
            ours.wait(time.monotonic() - began)
        ours.communicate(timeout=60)
        assert ours.returncode == 0
    assert list((tmp_path / "ours").iterdir()) == []
    assert list((tmp_path / "theirs").iterdir()) != []
