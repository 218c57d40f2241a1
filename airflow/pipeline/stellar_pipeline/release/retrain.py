"""Retraining, step by step, as a DAG's tasks call it. Every step takes and gives what JSON can say.

Settings come from the environment: MLFLOW_TRACKING_URI, MODEL_BUCKET, AWS_ENDPOINT_URL_S3.
"""

from stellar_pipeline.release.challenger import train_challenger
from stellar_pipeline.release.comparison import compare
from stellar_pipeline.release.promotion import promote, roll_back
from stellar_pipeline.release.smoke import SmokeTestFailedError, smoke_test

__all__ = ["SmokeTestFailedError", "compare", "promote", "roll_back", "smoke_test", "train_challenger"]
