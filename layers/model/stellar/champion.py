"""The champion in S3: its record, and the artefact that it names.

s3://BUCKET/models/champion.json                    {"version": …, "manifest_sha256": …, "previous": […], "since": …}
s3://BUCKET/models/<version>/manifest.json
s3://BUCKET/models/<version>/model.onnx
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from stellar.artefact import Artefact, ArtefactError
from stellar.manifest import MANIFEST_FILE, MODEL_FILE

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PREFIX = "models"
RECORD_NAME = "champion.json"
RECORD_KEY = f"{PREFIX}/{RECORD_NAME}"

Version = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


class ChampionUnavailableError(RuntimeError):
    """S3 could not give the champion: it is down, slow, or has no such bucket, record or version.

    ``status`` is the HTTP status of its answer, None where there was none.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class MissingError(ChampionUnavailableError):
    """S3 answers, and has no such bucket, record or version."""


class Barred(BaseModel):
    """A model that was rolled back: nothing promotes it by itself until a person does."""

    version: Version
    model_sha256: str | None = None
    """Of the model file: the same rows and seed give the same model another day, under another version."""
    since: AwareDatetime | None = None


class ChampionRecord(BaseModel):
    """``champion.json``: the one schema of those who write it and those who read it."""

    version: Version
    manifest_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    previous: tuple[Version, ...] = ()
    """The champions before, the last one first: rolling back needs nothing but the bucket."""
    barred: tuple[Barred, ...] = ()
    since: AwareDatetime | None = None
    """Makes each promotion's record, and so its ETag, another: a version that was refused, repaired and promoted again
    is looked at again."""


def artefact_key(version: str, name: str) -> str:
    """The key of one file of an artefact."""
    return f"{PREFIX}/{version}/{name}"


@dataclass(frozen=True, slots=True)
class Found:
    """A record that was read, and its ETag."""

    record: ChampionRecord
    etag: str


class ChampionBucket:
    """Reads champions from one bucket. boto3 is imported on first use: a service without a bucket never pays for it."""

    def __init__(self, bucket: str, timeout_seconds: float, endpoint: str | None = None) -> None:
        self._bucket = bucket
        self._endpoint = endpoint
        self._timeout = timeout_seconds
        self._client: S3Client | None = None

    def record(self, known_etag: str | None = None) -> Found | None:
        """The record, or None if it still has the ETag that is known. Raises ChampionUnavailableError."""
        condition = {"IfNoneMatch": known_etag} if known_etag else {}
        try:
            answer = self._get(RECORD_KEY, **condition)
        except ChampionUnavailableError as error:
            if error.status == HTTPStatus.NOT_MODIFIED:
                return None
            raise
        try:
            return Found(ChampionRecord.model_validate_json(answer["body"]), answer["etag"])
        except ValidationError:
            raise ChampionUnavailableError(f"s3://{self._bucket}/{RECORD_KEY} is not a champion record") from None

    def artefact(self, version: str, manifest_sha256: str | None = None) -> Artefact:
        """An artefact, verified, by its manifest's hash too if that is given.

        Raises ChampionUnavailableError, ArtefactError.
        """
        manifest = self._get(artefact_key(version, MANIFEST_FILE))["body"]
        model = self._get(artefact_key(version, MODEL_FILE))["body"]
        artefact = Artefact.verify(manifest, model, manifest_sha256)
        if artefact.version != version:
            raise ArtefactError(f"the record names {version}, the manifest {artefact.version}")
        return artefact

    def _get(self, key: str, **condition: str) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._s3().get_object(Bucket=self._bucket, Key=key, **condition)  # type: ignore[arg-type]
            return {"body": answer["Body"].read(), "etag": answer.get("ETag", "")}
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "error")
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            kind = MissingError if status == HTTPStatus.NOT_FOUND else ChampionUnavailableError
            raise kind(f"s3://{self._bucket}/{key}: {code}", status) from error
        except (BotoCoreError, OSError, ValueError) as error:  # ValueError: the endpoint is no URL
            raise ChampionUnavailableError(f"s3://{self._bucket}/{key}: {error}") from error

    def _s3(self) -> S3Client:
        if self._client is None:
            import boto3
            from botocore.config import Config

            # One attempt, with half of the budget for each wait: the store retries at its own pace.
            config = Config(
                connect_timeout=self._timeout / 2, read_timeout=self._timeout / 2, retries={"total_max_attempts": 1}
            )
            self._client = boto3.client("s3", endpoint_url=self._endpoint, config=config)
        return self._client
