"""Every way in which a function can misbehave: ``{"do": NAME, …}`` calls the function of that name below."""

import ctypes
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

CALLS = 0


def lambda_handler(event, context):
    global CALLS
    CALLS += 1
    return globals()[event.pop("do")](**event)


def state():
    """Shows what survives from call to call."""
    return {
        "pid": os.getpid(),
        "calls": CALLS,
        "kept": sorted(entry.name for entry in Path(tempfile.gettempdir()).iterdir()),
    }


def keep(name):
    (Path(tempfile.gettempdir()) / name).touch()
    return state()


def fail(message):
    raise ValueError(message)


def leave(status):
    sys.exit(status)


def leave_at_once(status):
    os._exit(status)


def segfault():
    ctypes.string_at(0)


def kill_self(number):
    os.kill(os.getpid(), number)
    time.sleep(10)


def hang_after():
    """Answers, and never asks for another event."""
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient

    LambdaRuntimeClient.wait_next_invocation = lambda self: time.sleep(600)
    return os.getpid()


def compute_after(seconds):
    """Answers, and asks for another event only after some work."""
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient

    ask = LambdaRuntimeClient.wait_next_invocation

    def wait(self):
        LambdaRuntimeClient.wait_next_invocation = ask
        compute(seconds)
        return ask(self)

    LambdaRuntimeClient.wait_next_invocation = wait
    return os.getpid()


def spin():
    while True:
        pass


def nap(seconds):
    time.sleep(seconds)
    return state()


def meet(folder, name, number):
    """Come, and wait until that many have come: they must all run at once."""
    (Path(folder) / name).touch()
    while len(list(Path(folder).iterdir())) < number:
        time.sleep(0.02)
    return state()


def compute(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return state()


def hog(megabytes):
    """Take memory for good, page by page."""
    blocks = [os.urandom(1) * 1024 * 1024 for _ in range(megabytes)]
    return len(blocks)


def hog_in_child(megabytes):
    child = multiprocessing.get_context("fork").Process(target=lambda: (hog(megabytes), time.sleep(10)))
    child.start()
    child.join()
    return child.exitcode


def share_with_children(megabytes, children):
    """Fork children that share the parent's pages, each of them resident in all."""
    block = os.urandom(1) * 1024 * 1024 * megabytes
    context = multiprocessing.get_context("fork")
    forked = [context.Process(target=time.sleep, args=(0.8,)) for _ in range(children)]
    for child in forked:
        child.start()
    for child in forked:
        child.join()
    return len(block)


def big(size):
    return "x" * (size - 2)  # the quotes of JSON take two


def write(text, times=1, fileno=1):
    for _ in range(times):
        os.write(fileno, text.encode())


def write_bytes(codes):
    os.write(1, bytes(codes))


def write_everywhere():
    print("by print")
    print("by stderr", file=sys.stderr)
    os.write(1, b"by os.write\n")
    subprocess.run(["/bin/echo", "by a subprocess"], check=True)
    sys.stdout.write("unfinished")


def write_later(text, seconds):
    threading.Timer(seconds, lambda: os.write(1, text.encode())).start()


def close_output():
    os.close(1)
    os.close(2)


def unserialisable():
    return {1, 2}


def spawn(new_session=False):
    """Leave a child behind that outlives the call."""
    child = subprocess.Popen(["/bin/sleep", "300"], start_new_session=new_session)
    return {"pid": os.getpid(), "children": [child.pid]}


def daemonise():
    """Leave a grandchild in a session of its own, adopted by init, deaf to SIGTERM."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.write(writing, json.dumps(os.getpid()).encode())
            time.sleep(300)
        os._exit(0)
    os.wait()
    return {"pid": os.getpid(), "children": [json.loads(os.read(reading, 100))]}


def die_soon(seconds):
    """Answer first, die while idle."""
    threading.Timer(seconds, lambda: os._exit(7)).start()
    return state()


def ignore_sigterm():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return state()
