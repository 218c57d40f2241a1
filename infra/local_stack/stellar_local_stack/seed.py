"""``python -m stellar_local_stack.seed``: give the bucket the default model, unless it has a champion.

For stacks whose S3 is not `stellar up`'s own. Address and keys are those that boto3 finds (AWS_ENDPOINT_URL_S3,
AWS_ACCESS_KEY_ID and so on); the bucket is MODEL_BUCKET.
"""

from __future__ import annotations

import os
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from stellar.settings import DEFAULT_MODEL_DIR
from stellar_local_stack.model_bucket import BUCKET, seed


def main() -> int:
    """Seed, and say which model is the champion."""
    bucket = os.environ.get("MODEL_BUCKET") or BUCKET
    try:
        version = seed(boto3.client("s3"), DEFAULT_MODEL_DIR, bucket)
    except (BotoCoreError, ClientError) as error:
        print(f"The bucket {bucket} could not be given its model: {error}", file=sys.stderr)
        return 1
    print(f"{bucket}: the champion is {version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
