"""S3 for the stages."""

from tests.support.object_storage import bucket, s3, s3_endpoint

__all__ = ["bucket", "s3", "s3_endpoint"]
