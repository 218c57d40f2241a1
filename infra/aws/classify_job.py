"""The entry point of a Spark job on EMR Serverless: the arguments are those of ``stellar classify``."""

from stellar_pipeline.cli.classify import classify

classify()
