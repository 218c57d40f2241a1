"""Event source mappings: polls Kafka topics and SQS queues and invokes functions, with the semantics of AWS.

Functions are reached through the Lambda Invoke API alone, so they may run anywhere: in this package's runtime, under
``sam local start-lambda``, in LocalStack, on AWS. An offset is committed only when the function, or the on-failure
destination, has answered for every record before it. A record's way, module by module:

- ``consumer``       a group member in its own thread: polls, holds back, commits, gives partitions up
- ``filters``        which records go on (``patterns``: the EventBridge operators)
- ``batcher``        batches by count, size and time, one at a time for each partition
- ``processor``      attempts: retries, bisection, partial failures, age, size (``responses``, ``backoff``)
- ``sender``         the Invoke API; ``event`` and ``records``: what the function gets
- ``destinations``   SQS, SNS, S3 or a topic for what is given up (``discards``: in which shape)
- ``offsets``        how far a partition is done
- ``poller``         holds all of these together; ``limit`` and ``scaling``: how many at a time

Around it: ``config`` (settings and AWS's limits, ``values``), ``cluster`` and ``security`` (which brokers, TLS, SASL),
``position`` (where to start), ``lifecycle`` and ``mapping`` (states), ``service`` (several mappings), ``control_plane``
(the Lambda API's calls, ``describe``), ``metrics``, ``monitor``, ``commands`` and ``samples``. ``sqs`` has what is
different for queues.
"""

from lambda_emulator.event_source.poller import DrainTimeouts
from lambda_emulator.event_source.service import EventSourceService
from lambda_emulator.event_source.values import InvalidMappingError

__all__ = ["DrainTimeouts", "EventSourceService", "InvalidMappingError"]
