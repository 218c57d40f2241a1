"""The GraphQL function in this process, with a small model of the tests' own."""

import sys
from contextlib import ExitStack

import pytest

from stellar.schema import EXAMPLE, FIELDS
from stellar.settings import Settings
from support import artefact
from support.functions import load_function
from support.http_events import HttpClient


@pytest.fixture(scope="package")
def graphql(tmp_path_factory):
    """The function's modules by their flat names, with tracing off as the template's default has it."""
    folder = artefact.write(tmp_path_factory.mktemp("models") / "v1", "test-1")
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:  # no longer than the import: other tests have other models
            patch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
            patch.setattr(Settings, "from_environment", classmethod(lambda cls: cls(default_dir=folder)))
            app = stack.enter_context(load_function("graphql"))
        yield dict(sys.modules)
        app.runner.close()


@pytest.fixture
def client(graphql):
    return HttpClient(graphql["app"].lambda_handler)


@pytest.fixture
def ask(client):
    """Sends a document with its variables; gives the body of the answer."""

    def _ask(document, **variables):
        answer = client.post("/graphql", {"query": document, "variables": variables})
        assert answer.status == 200, answer.text
        return answer.json

    return _ask


@pytest.fixture
def example():
    """The example object, by GraphQL's names."""
    return {field.graphql_name: EXAMPLE[field.name] for field in FIELDS}


@pytest.fixture
def model_calls(graphql, monkeypatch):
    """How many objects each call of the model was given."""
    classifier = type(graphql["model"].model.store.classifier)
    classify, classify_one, calls = classifier.classify, classifier.classify_one, []

    def counted(self, batch):
        calls.append(len(batch))
        return classify(self, batch)

    def counted_one(self, valid):
        calls.append(1)
        return classify_one(self, valid)

    monkeypatch.setattr(classifier, "classify", counted)
    monkeypatch.setattr(classifier, "classify_one", counted_one)
    return calls
