"""Retraining, step by step, as a DAG's tasks call it. Every step takes and gives what JSON can say.

Settings come from the environment: MLFLOW_TRACKING_URI, MODEL_BUCKET, AWS_ENDPOINT_URL_S3.
"""

from pipeline.challenger import train_challenger
from pipeline.comparison import compare
from pipeline.promotion import promote, roll_back
from pipeline.smoke import SmokeTestFailedError, smoke_test

__all__ = ["SmokeTestFailedError", "compare", "promote", "roll_back", "smoke_test", "train_challenger"]
