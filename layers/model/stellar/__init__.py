"""Star, galaxy or quasar: the object, its validation, the model and where it comes from.

The layer that every function and the gRPC server share. It knows nothing of HTTP, GraphQL, gRPC, Kafka or AWS events.

    store = open_store()
    batch = validate(rows)
    predictions = store.classifier.classify(batch)
"""

from stellar.classifier import Classifier
from stellar.schema import EXAMPLE, FIELDS, Prediction, StarFeatures
from stellar.store import ModelStore, Status, open_store
from stellar.validation import Batch, InvalidObjectError, RowError, Violation, validate, validate_one

__all__ = [
    "EXAMPLE",
    "FIELDS",
    "Batch",
    "Classifier",
    "InvalidObjectError",
    "ModelStore",
    "Prediction",
    "RowError",
    "StarFeatures",
    "Status",
    "Violation",
    "open_store",
    "validate",
    "validate_one",
]
