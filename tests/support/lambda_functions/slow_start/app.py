"""Takes SECONDS to load."""

import os
import time

time.sleep(float(os.environ["SECONDS"]))


def lambda_handler(event, context):
    return {"remaining_ms": context.get_remaining_time_in_millis()}
