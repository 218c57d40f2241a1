"""GET /notes: the notes of whom the authorizer let through. The event has payload format 1.0."""

import json

NOTES = {"ada": ["buy punched cards"]}


def handler(event, context):
    user = event["requestContext"]["authorizer"]["user"]
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"user": user, "notes": NOTES.get(user, [])}),
    }
