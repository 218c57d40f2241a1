"""GET /greetings/{name} greets; POST /greetings takes {"name": "..."}. The event has payload format 2.0."""

import base64
import json
import os


def handler(event, context):
    if event["requestContext"]["http"]["method"] == "GET":
        name = event["pathParameters"]["name"]
        return {"message": f"{os.environ['GREETING']}, {name}"}  # without a statusCode it becomes a 200 with JSON
    body = event.get("body") or ""
    if event["isBase64Encoded"]:  # as it is for content types that are not text, such as that of "curl -d"
        body = base64.b64decode(body)
    try:
        name = json.loads(body)["name"]
    except (ValueError, KeyError, TypeError):
        return {"statusCode": 400, "body": json.dumps({"message": 'send {"name": "..."}'})}
    headers = {"location": f"/greetings/{name}", "content-type": "application/json"}
    return {"statusCode": 201, "headers": headers, "body": json.dumps({"name": name})}
