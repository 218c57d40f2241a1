"""The names of the topics in the template, which cannot import them, are those of the layer."""

from __future__ import annotations

import pytest

from lambda_emulator.template import load_stack
from stellar_service import topics
from support.cloudformation import TEMPLATE


def test_the_template_names_the_same_topics() -> None:
    stack = load_stack(TEMPLATE, parameter_overrides={"KafkaBootstrapServers": "127.0.0.1:9092"})
    variables = stack.functions["StreamFunction"].environment
    assert variables["STAR_FEATURES_TOPIC"] == topics.FEATURES
    assert variables["STAR_PREDICTIONS_TOPIC"] == topics.PREDICTIONS
    assert variables["STAR_DLQ_TOPIC"] == topics.DEAD_LETTERS


def test_a_variable_names_another_topic_and_an_empty_one_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAR_FEATURES_TOPIC", "other")
    assert topics.features_topic() == "other"
    monkeypatch.setenv("STAR_FEATURES_TOPIC", "")
    assert topics.features_topic() == topics.FEATURES
