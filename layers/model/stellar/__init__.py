"""Star, galaxy or quasar: the object, its validation, the model and where it comes from.

The layer that every function and the gRPC server share. It knows nothing of HTTP, GraphQL, gRPC, Kafka or AWS events.

    store = open_store()
    prediction = store.classifier.classify_one(validate_one(row))
    predictions = store.classifier.classify(validate(rows))
"""

from stellar.classifier import Classifier
from stellar.outcomes import Outcome, outcomes
from stellar.schema import EXAMPLE, FIELDS, Prediction, StarFeatures
from stellar.store import ModelStore, Status, open_store
from stellar.validation import Batch, InvalidObjectError, RowError, ValidObject, Violation, validate, validate_one

__version__ = "0.1.0"
"""The project's version, which every interface tells. The members' ``pyproject.toml`` have the same."""

__all__ = [
    "EXAMPLE",
    "FIELDS",
    "Batch",
    "Classifier",
    "InvalidObjectError",
    "ModelStore",
    "Outcome",
    "Prediction",
    "RowError",
    "StarFeatures",
    "Status",
    "ValidObject",
    "Violation",
    "open_store",
    "outcomes",
    "validate",
    "validate_one",
]
