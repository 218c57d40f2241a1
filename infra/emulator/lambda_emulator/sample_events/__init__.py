"""Sample events of AWS services, to try a function with.

Names of services, events and options are those of ``sam local generate-event``; ``alb``, ``appsync``, ``eventbridge``
and some events of ``apigateway`` are there beside them. Each sample is a function whose keyword arguments, all of them
text, are the options of its command.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lambda_emulator.sample_events import (
    applications,
    deployment,
    edge,
    gateway,
    messages,
    streams,
    transformation,
    voice,
)

Build = Callable[..., dict[str, Any]]

SAMPLES: Mapping[str, Mapping[str, Build]] = {
    "alb": {"request": gateway.alb_request},
    "alexa-skills-kit": {
        "end-session": voice.end_session,
        "intent-answer": voice.intent_answer,
        "intent-getnewfact": voice.intent_getnewfact,
        "intent-mycoloris": voice.intent_mycoloris,
        "intent-recipe": voice.intent_recipe,
        "start-session": voice.start_session,
    },
    "alexa-smart-home": {
        "smart-home-control-turn-off-request": voice.smart_home_turn_off,
        "smart-home-control-turn-on-request": voice.smart_home_turn_on,
        "smart-home-discovery-request": voice.smart_home_discovery,
    },
    "apigateway": {
        "authorizer": gateway.authorizer,
        "aws-proxy": gateway.aws_proxy,
        "http-api-proxy": gateway.http_api_proxy,
        "request-authorizer": gateway.request_authorizer,
    },
    "appsync": {"resolver": applications.appsync_resolver},
    "batch": {"get-job": deployment.batch_get_job, "submit-job": deployment.batch_submit_job},
    "cloudformation": {"create-request": deployment.create_request},
    "cloudfront": {
        "ab-test": edge.ab_test,
        "access-request-in-response": edge.access_request_in_response,
        "http-redirect": edge.http_redirect,
        "modify-querystring": edge.modify_querystring,
        "modify-response-header": edge.modify_response_header,
        "multiple-remote-calls-aggregate-response": edge.aggregate,
        "normalize-querystring-to-improve-cache-hit": edge.normalize_querystring,
        "redirect-on-viewer-country": edge.redirect_by_country,
        "redirect-unauthenticated-users": edge.redirect_unauthenticated,
        "response-generation": edge.generate_response,
        "serve-object-on-viewer-device": edge.by_device,
        "simple-remote-call": edge.simple_call,
    },
    "cloudwatch": {"logs": transformation.cloudwatch_logs, "scheduled-event": messages.scheduled_event},
    "codecommit": {"repository": deployment.codecommit_repository},
    "codepipeline": {"job": deployment.codepipeline_job},
    "cognito": {"sync-trigger": applications.sync_trigger},
    "config": {
        "item-change-notification": deployment.item_change,
        "oversized-item-change-notification": deployment.oversized_item_change,
        "periodic-rule": deployment.periodic_rule,
    },
    "connect": {"contact-flow-event": voice.contact_flow},
    "dynamodb": {"update": streams.dynamodb_update},
    "eventbridge": {
        "event": deployment.eventbridge_event,
        "schedule": messages.scheduled_event,
        "scheduler": messages.scheduler_event,
    },
    "kinesis": {
        "analytics": transformation.analytics,
        "analytics-compressed": transformation.analytics_compressed,
        "analytics-dynamodb": transformation.analytics_dynamodb,
        "analytics-kpl": transformation.analytics_kpl,
        "apachelog": transformation.apachelog,
        "cloudwatch-logs-processor": transformation.cloudwatch_logs_processor,
        "get-records": streams.kinesis_get_records,
        "kinesis-firehose": transformation.firehose,
        "streams-as-source": transformation.streams_as_source,
        "syslog": transformation.syslog,
    },
    "lex": {
        "book-car": voice.book_car,
        "book-hotel": voice.book_hotel,
        "make-appointment": voice.make_appointment,
        "order-flowers": voice.order_flowers,
    },
    "rekognition": {"s3-request": applications.rekognition_s3},
    "s3": {"delete": messages.s3_delete, "put": messages.s3_put},
    "sagemaker": {
        "ground-truth-annotation-consolidation": applications.annotation_consolidation,
        "ground-truth-pre-human": applications.pre_human_task,
    },
    "ses": {"email-receiving": applications.email_receiving},
    "sns": {"notification": messages.sns_notification},
    "sqs": {"receive-message": messages.sqs_receive_message},
    "stepfunctions": {"error": deployment.stepfunctions_error},
}
"""By service and event."""
