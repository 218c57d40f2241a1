"""The pipeline's commands under ``stellar``."""
