"""From SAM to plain CloudFormation, by AWS's own translator.

``aws-sam-translator`` merges Globals, makes the implicit APIs, and turns events into API definitions and event source
mappings. It never calls AWS here, and it sees only what ``preparation`` makes of a template.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from lambda_emulator.arn import REGION
from lambda_emulator.template.sam.cache import cached
from lambda_emulator.template.sam.complaints import translation_error
from lambda_emulator.template.sam.preparation import prepare
from lambda_emulator.template.source.document import Document


def translate(document: Document, template: Mapping[str, Any]) -> dict[str, Any]:
    """The CloudFormation template that a SAM template comes to. ``template`` is left as it is.

    Raises TemplateError with every mistake that the translator finds.
    """
    return cached(prepare(template), lambda prepared: _run_translator(document, prepared))


class _Session:
    """Stands in for a boto3 session, of which the translator asks the region alone."""

    region_name = REGION


def _run_translator(document: Document, prepared: dict[str, Any]) -> dict[str, Any]:
    # Imported here: it takes about a second, and most runs find the translation in the cache.
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    logging.getLogger("samtranslator").setLevel(logging.CRITICAL)  # it warns of its own feature switches
    translator = Translator({}, Parser(), boto_session=_Session())
    try:
        translated: dict[str, Any] = translator.translate(prepared, {}, get_managed_policy_map=dict)
    except InvalidDocumentException as error:
        messages = [cause.message for cause in error.causes] or [error.message]
        raise translation_error(document, prepared, messages) from None
    except Exception as error:  # it does not look at the type of everything before it uses it
        raise document.error(f"the SAM translator cannot read this template: {error!r}", ("Resources",)) from error
    finally:
        translator.metrics.publish()  # nowhere; otherwise it complains on stderr of metrics that are not published
    return translated
