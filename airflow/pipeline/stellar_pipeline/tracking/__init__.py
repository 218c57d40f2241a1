"""What MLflow keeps: runs, registered versions, lineage."""
