"""The web application: routes, layers and lifespan put together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from agent.protocols import Studio
from base.clock import Clock, SystemClock
from web import description, health, pages, problems
from web.api import (
    admin,
    assets,
    conversations,
    dead_letters,
    info,
    loras,
    me,
    operations,
    runs,
    spells,
    tools,
    turns,
    workflows,
)
from web.api.docs import TAGS
from web.metrics import Metrics
from web.rim import Rim

STATIC = Path(__file__).parent / "static"
OpenStudio = Callable[[], AbstractAsyncContextManager[Studio]]
_ROUTERS = (
    conversations.router, turns.router, assets.uploads, assets.router, assets.files, runs.router, tools.router,
    spells.router, spells.shared, workflows.files, workflows.router, workflows.shared, loras.router, me.router,
    info.router, admin.router, operations.router, dead_letters.router, health.router, pages.router,
)  # fmt: skip
_CALLER_HEADERS = ["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "X-Correlation-ID"]
_ANSWER_HEADERS = [
    "X-Correlation-ID",
    "Idempotency-Replayed",
    "Location",
    "Retry-After",
    "ETag",
    "Content-Range",
]


def create_app(
    open_studio: OpenStudio,
    *,
    cors_origins: Sequence[str] = (),
    static: Path = STATIC,
    clock: Clock | None = None,
) -> FastAPI:
    """The application. `open_studio` is entered when it starts and left when it ends."""
    app = FastAPI(
        title="StationThis", version=info.version(), openapi_url=description.PATH, docs_url=None, redoc_url=None,
        openapi_tags=TAGS, lifespan=_lifespan(open_studio), telemetry={"tracing": False},
    )  # fmt: skip
    app.state.metrics = Metrics()
    app.state.static = static
    app.state.schema_current = False
    app.state.storage_seen = False
    for router in _ROUTERS:
        app.include_router(router)
    app.mount("/static", pages.Files(directory=static, check_dir=False))
    problems.install(app)
    description.install(app)
    if cors_origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=list(cors_origins), allow_credentials=True,
            allow_methods=["GET", "POST", "PATCH", "DELETE"], allow_headers=_CALLER_HEADERS,
            expose_headers=_ANSWER_HEADERS,
        )  # fmt: skip
    app.add_middleware(Rim, metrics=app.state.metrics, clock=clock or SystemClock())
    return app


def _lifespan(open_studio: OpenStudio) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_studio() as studio:
            app.state.studio = studio
            if studio.db.is_sqlite:  # no other process serves, so whatever was at work died with the last one
                await studio.idempotency.release_all()
            yield

    return lifespan
