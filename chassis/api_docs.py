"""``/docs``: the API's page for people, without anything from another host, since city networks have no way out.

``/openapi.json`` is kept as text: as objects the document of a service is ten times as large.
"""

import json
from functools import lru_cache
from importlib.resources import files

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.staticfiles import StaticFiles
from starlette.responses import HTMLResponse, Response

_ASSETS = "/docs-assets"


def install(app: FastAPI) -> None:
    """Serve the document, and Swagger UI from the files that the package fastapi-offline carries."""
    text = lru_cache(lambda: json.dumps(app.openapi(), ensure_ascii=False, separators=(",", ":")))

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        return Response(text(), media_type="application/json")

    app.mount(_ASSETS, StaticFiles(directory=str(files("fastapi_offline") / "static")), name="docs-assets")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title=app.title,
            swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{_ASSETS}/swagger-ui.css",
            swagger_favicon_url=f"{_ASSETS}/favicon.png",
        )
