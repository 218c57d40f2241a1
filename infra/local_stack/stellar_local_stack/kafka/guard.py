"""Runs a broker that dies with its parent. A program of the standard library alone: ``python -I -S guard.py COMMAND…``.

The guard's standard input is a pipe whose other end the parent holds. The kernel closes it however the parent ends;
the guard then kills the broker and goes. SIGTERM is passed on to the broker. The broker itself gets SIGKILL from the
kernel should the guard be killed (Linux).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import sys

_PR_SET_PDEATHSIG = 1


def _run(command: list[str]) -> int:
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    broker = os.fork()
    if broker == 0:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.execvp(command[0], command)  # noqa: S606 (a program and its arguments, no shell wanted)
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: _kill(broker, signal.SIGTERM))
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fd == 0 and not os.read(0, 4096):
                    _kill(broker, signal.SIGKILL)
                    return os.waitstatus_to_exitcode(os.waitpid(broker, 0)[1])
                if key.fd == woken:
                    os.read(woken, 4096)
            ended, status = os.waitpid(broker, os.WNOHANG)
            if ended:
                return abs(os.waitstatus_to_exitcode(status))


def _kill(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


if __name__ == "__main__":
    sys.exit(_run(sys.argv[1:]))
