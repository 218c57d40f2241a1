"""Where a model's training rows come from: what the stages wrote down, as MLflow's tags and data set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stellar.manifest import Provenance
from stellar_pipeline.data.catalogue import Cleaned
from stellar_pipeline.etl.chain import records
from stellar_pipeline.etl.obtain import SYNTHETIC
from stellar_pipeline.etl.parts import TRAIN
from stellar_pipeline.object_store import open_root

if TYPE_CHECKING:
    from mlflow.entities import DatasetInput


@dataclass(frozen=True, slots=True)
class Lineage:
    """The rows' origin in words (``source``), and tags that tell exactly which rows they were."""

    source: str
    tags: dict[str, str]
    provenance: Provenance

    def dataset(self) -> DatasetInput:
        """What MLflow shows as the run's data."""
        from mlflow.entities import Dataset, DatasetInput, InputTag

        address = self.tags["data.train.uri"]
        kind = "s3" if address.startswith("s3://") else "local"
        digest = self.tags["data.train.fingerprint"][:16]
        data = Dataset("star_classification_train", digest, kind, f'{{"uri": "{address}"}}')
        return DatasetInput(data, [InputTag("mlflow.data.context", "training")])


def trace(root: str, train: Cleaned) -> Lineage:
    """The lineage of the train part under a root. Raises StorageError."""
    stages = records(root)
    obtained: dict[str, Any] = (stages["obtain"] or {}).get("inputs", {})
    source = str(obtained.get("source", "rows of unknown origin"))
    tags = {
        "data.root": root,
        "data.source": source,
        "data.train.uri": open_root(root).uri(TRAIN),
        "data.train.fingerprint": train.fingerprint,
        "data.train.rows": str(len(train.rows)),
    }
    for stage, record in stages.items():
        if record:
            tags[f"data.stage.{stage}"] = record["key"]
    # What a file holds is not known: a synthetic catalogue can be written to one.
    provenance: Provenance = "synthetic" if source == SYNTHETIC else "unknown"
    return Lineage(f"{source}, train part", tags, provenance)
