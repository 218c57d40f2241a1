"""The REST function in this process, with a small model of the tests' own."""

from contextlib import ExitStack

import pytest

from stellar.settings import Settings
from support import artefact
from support.functions import load_function
from support.http_events import HttpClient


@pytest.fixture(scope="package")
def model_folder(tmp_path_factory):
    return artefact.write(tmp_path_factory.mktemp("models") / "v1", "test-1")


@pytest.fixture(scope="package")
def rest(model_folder):
    """The function's ``app`` module, with tracing off as the template's default has it."""
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:  # no longer than the import: other tests have other models
            patch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
            patch.setattr(Settings, "from_environment", classmethod(lambda cls: cls(default_dir=model_folder)))
            app = stack.enter_context(load_function("rest"))
        yield app


@pytest.fixture
def client(rest):
    return HttpClient(rest.lambda_handler)
