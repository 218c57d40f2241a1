"""``stellar mlops``: MLflow and Airflow beside the local stack, and retraining by both."""
