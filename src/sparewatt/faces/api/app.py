"""The API as an application, to be mounted at ``/api``."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotations

from sparewatt.faces.api import (
    documentation,
    exports,
    files,
    limits,
    neighbourhoods,
    network_maps,
    results,
    runs,
    studies,
    uploads,
)
from sparewatt.faces.api.place import ApiPlace
from sparewatt.faces.api.problems import add_problems
from sparewatt.faces.api.safety import Safety

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sparewatt.faces.api.place import UploadLimits


def make_api(
    store_url: str, data: Path, *, token: str | None, upload_limits: UploadLimits | None = None
) -> FastAPI:
    """The API of a store and a data folder.

    Parameters
    ----------
    store_url
        The store.
    data
        Folder of runs and uploads.
    token
        What callers have to send; ``None``: nothing, and only calls by the names of this machine are
        answered.
    upload_limits
        What uploads may hold; left out: the usual.

    Returns
    -------
    The application. ``app.state.place.close()`` closes its store when it is mounted in another; on its own
    it does that at its end.
    """
    place = ApiPlace(store_url, data)
    if upload_limits is not None:
        place.limits = upload_limits

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        app.state.place.close()

    app = FastAPI(title="Sparewatt", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.place = place
    known: dict[str, Any] = {}

    def schema() -> dict[str, Any]:
        if not known:
            known.update(documentation.make_schema(app, needs_token=token is not None))
        return known

    app.openapi = schema  # type: ignore[method-assign]  # FastAPI's documented way

    @app.get("/openapi.json", include_in_schema=False)
    def show_schema(request: Request) -> JSONResponse:
        server = {"url": request.scope.get("root_path") or "/"}
        return JSONResponse(schema() | {"servers": [server]})

    told = (documentation, studies, uploads, files, exports, runs, results, limits, network_maps)
    for part in (*told, neighbourhoods):
        app.include_router(part.router)
    app.add_middleware(Safety, token=token, limits=place.limits)
    add_problems(app)
    return app
