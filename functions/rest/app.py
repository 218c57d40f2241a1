"""The REST function: FastAPI behind Mangum, with Powertools' logger, metrics and tracer around it.

The model is loaded when this module is imported, which is Lambda's init phase: no request waits for it.
"""

from __future__ import annotations

import gc
from typing import Any

from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext
from documents import describe
from fastapi_offline import FastAPIOffline
from mangum import Mangum
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES
from problems import MEDIA_TYPE, install_handlers
from routes import router
from stage import StagePrefix
from stream_test import router as stream_router
from telemetry import logger, telemetry

from stellar import __version__

app = FastAPIOffline(  # as FastAPI, but the scripts of /docs and /redoc are served from here and from no CDN
    static_url="/static",
    title="Stellar classifier",
    version=__version__,
    description="Is it a star, a galaxy or a quasar? Sixteen columns of the SDSS DR17 catalogue say.",
    license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    redirect_slashes=False,
)
app.include_router(router)
app.include_router(stream_router)
install_handlers(app)
describe(app)

# Mangum would enter the lifespan at every invocation; what there is to set up is set up by the imports.
adapter = Mangum(StagePrefix(app), lifespan="off", text_mime_types=[*DEFAULT_TEXT_MIME_TYPES, MEDIA_TYPE])


@telemetry.traced
@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_HTTP, clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP API event (payload format 2.0; 1.0 is understood too)."""
    try:
        return adapter(event, context)  # type: ignore[arg-type]  # one class, which two libraries describe
    finally:
        telemetry.flush()


gc.freeze()  # what the init phase made stays: no collection need walk through it again
