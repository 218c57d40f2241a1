"""A TOKEN authorizer: it answers with a policy, and what it puts into ``context`` reaches the function."""

import json
import os

TOKENS = json.loads(os.environ["TOKENS"])


def handler(event, context):
    user = TOKENS.get(event["authorizationToken"].removeprefix("Bearer "))
    if user is None:
        raise Exception("Unauthorized")  # API Gateway turns exactly this into a 401
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": event["methodArn"]}
    return {
        "principalId": user,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"user": user},
    }
