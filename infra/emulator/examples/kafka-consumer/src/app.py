"""Takes orders such as {"id": 1, "quantity": 2}. A record that is no such order is reported as failed, alone."""

import base64
import json


def handler(event, context):
    failed = []
    for place, records in event["records"].items():  # "orders-0": the topic and the partition
        for record in records:
            try:
                order = json.loads(base64.b64decode(record["value"]))
                print(f"order {order['id']}: {int(order['quantity'])} pieces")
            except (ValueError, KeyError, TypeError) as error:
                print(f"offset {record['offset']} of {place} is no order: {error!r}")
                failed.append({"itemIdentifier": {"partition": place, "offset": record["offset"]}})
    return {"batchItemFailures": failed}
