"""Apache Kafka's jars: copied once by Maven from Maven Central, kept in the user's cache."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from stellar_local_stack.kafka.process import BrokerError

POM = Path(__file__).with_name("apache_files") / "pom.xml"

Say = Callable[[str], None]


def missing_programs() -> list[str]:
    """Which of the programs that Apache Kafka needs are not installed."""
    return [program for program in ("java", "mvn") if shutil.which(program) is None]


def cache_folder() -> Path:
    """The folder of the jars of this ``pom.xml``. Another version of Kafka has a folder of its own."""
    digest = hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "stellar" / f"kafka-{digest}"


def fetch(say: Say = lambda _: None) -> Path:
    """The folder with the jars, fetched if it is not there yet.

    ``say`` gets one line for each jar that Maven downloads. Processes that ask at the same time wait for the first.

    Raises BrokerError.
    """
    folder = cache_folder()
    fetched = folder.is_dir()
    if absent := [program for program in missing_programs() if program == "java" or not fetched]:
        raise BrokerError(
            f"Apache Kafka needs {' and '.join(absent)} on the PATH (Java 17 or newer, Maven 3). "
            "The embedded broker needs neither: --kind embedded."
        )
    if fetched:
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            say("Fetching Apache Kafka (about 43 MB) from Maven Central, this once")
            with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
                _copy_dependencies(Path(temporary, "jars"), say)
                Path(temporary, "jars").rename(folder)
    return folder


def _copy_dependencies(target: Path, say: Say) -> None:
    command = ["mvn", "--batch-mode", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={target}"]
    with subprocess.Popen(
        [*command, "-DincludeScope=runtime"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as maven:
        assert maven.stdout is not None
        last: list[str] = []
        for line in maven.stdout:
            last = [*last[-9:], line.rstrip()]
            if line.startswith("Downloaded from") and ".jar (" in line:
                say("  " + line.partition(" (")[0].rpartition("/")[2])
    if maven.returncode:
        raise BrokerError("Maven could not fetch Apache Kafka:\n" + "\n".join(last))
