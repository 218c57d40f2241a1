"""S3 for the stages, and the real Kafka."""

from support.kafka import apache
from support.object_storage import bucket, s3, s3_endpoint

__all__ = ["apache", "bucket", "s3", "s3_endpoint"]
