"""What one DAG leaves for another: an event on an asset starts the DAGs that are scheduled on it."""

from __future__ import annotations

from airflow.sdk import Asset

TRAINING_DATA = Asset("star_training_data", uri="x-stellar://training-data", group="stellar")
"""Rows to train and to test on, standardised, with ``data_star.json``."""

DRIFT = Asset("star_drift", uri="x-stellar://drift", group="stellar")
"""An event: objects that are classified now no longer look like the training rows."""

PARAMETERS = "parameters"
"""The key under which an event carries parameters for the run that it starts."""

CHAMPION = Asset("star_champion", uri="x-stellar://champion", group="stellar")
"""The model that answers, proved by a smoke test."""
