"""The real Apache Kafka: one node in KRaft mode on the JVM, by default with its data in a folder of its own in /tmp.

Mirrors "KRaft" and "Broker Configs" of the Apache Kafka documentation.
"""

from __future__ import annotations

import base64
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path
from string import Template

from stellar_local_stack.kafka.jars import POM, Say, fetch
from stellar_local_stack.kafka.process import BrokerError, BrokerProcess
from stellar_local_stack.ports import free_ports

_TEMPLATE = POM.with_name("server.properties")


class ApacheBroker(BrokerProcess):
    """An Apache Kafka broker. What it holds outlives ``stop`` and ``kill``, and is removed by ``close``.

    ``data`` is a folder to keep it in for good. ``properties`` are broker settings that replace those of
    ``infra/kafka/server.properties``; ``client`` are what librdkafka clients then need to reach it (TLS, SASL).
    ``scram`` has the passwords of users for SCRAM-SHA-512. ``say`` is told what Maven downloads.
    """

    kind = "apache"

    def __init__(
        self,
        port: int = 0,
        *,
        data: Path | None = None,
        heap_mb: int = 512,
        properties: Mapping[str, str] | None = None,
        client: Mapping[str, str] | None = None,
        scram: Mapping[str, str] | None = None,
        say: Say = lambda _: None,
    ) -> None:
        super().__init__(port)
        self._controller_port = free_ports(1)[0]
        self._temporary = Path(tempfile.mkdtemp(prefix="stellar-kafka-")) if data is None else None
        self.folder = data or self._temporary or Path()
        """Where the broker keeps its data and its configuration."""
        self._heap_mb = heap_mb
        self._properties = dict(properties or {})
        self._client = dict(client or {})
        self._scram = dict(scram or {})
        self._say = say

    def client_config(self) -> dict[str, str]:
        return {**super().client_config(), **self._client}

    def command(self) -> list[str]:
        jars = fetch(self._say)
        data = self.folder / "data"
        configuration = self.folder / "server.properties"
        self.folder.mkdir(parents=True, exist_ok=True)
        configuration.write_text(self._render(data))
        java = [
            *("java", f"-Xmx{self._heap_mb}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            *("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{jars}/*"),
        ]
        if not (data / "meta.properties").is_file():
            self._format(java, configuration)
        return [*java, "kafka.Kafka", str(configuration)]

    def close(self) -> None:
        super().close()
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def _render(self, data: Path) -> str:
        values = {"port": self.port, "controller_port": self._controller_port, "data": data}
        text = Template(_TEMPLATE.read_text("utf-8")).substitute(values)
        kept = [line for line in text.splitlines() if line.partition("=")[0] not in self._properties]
        added = [f"{name}={Template(value).safe_substitute(values)}" for name, value in self._properties.items()]
        return "\n".join([*kept, *added]) + "\n"

    def _format(self, java: list[str], configuration: Path) -> None:
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        # "=" because an id may begin with a dash.
        command = [*java, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster_id}", "-c", str(configuration)]
        for name, password in self._scram.items():
            command += ["--add-scram", f"SCRAM-SHA-512=[name={name},password={password}]"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BrokerError(f"Apache Kafka could not lay out its data folder:\n{done.stdout}{done.stderr}")
